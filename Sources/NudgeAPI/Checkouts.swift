/// A checkout in a list.
package struct CheckoutSummary: Hashable, Sendable {
  package var shop: String
  package var checkoutID: String
  package var orderID: String?
  package var email: String
  package var customerID: String?
  /// `open`, `cancelled` or `ordered`.
  package var state: String
  package var generation: Int
  /// Of the change that counts.
  package var occurredAt: Timestamp
  package var createdAt: Timestamp
  package var changedAt: Timestamp
  package var closedAt: Timestamp?
  /// The order that closed it.
  package var closedBy: String?
  package var nextReminderAt: Timestamp?

  package init(
    shop: String, checkoutID: String, orderID: String? = nil, email: String, customerID: String? = nil, state: String,
    generation: Int, occurredAt: Timestamp, createdAt: Timestamp, changedAt: Timestamp, closedAt: Timestamp? = nil,
    closedBy: String? = nil, nextReminderAt: Timestamp? = nil
  ) {
    self.shop = shop
    self.checkoutID = checkoutID
    self.orderID = orderID
    self.email = email
    self.customerID = customerID
    self.state = state
    self.generation = generation
    self.occurredAt = occurredAt
    self.createdAt = createdAt
    self.changedAt = changedAt
    self.closedAt = closedAt
    self.closedBy = closedBy
    self.nextReminderAt = nextReminderAt
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "a checkout")
    self.init(
      shop: try fields.string("shop"), checkoutID: try fields.string("checkout_id"),
      orderID: fields.optionalString("order_id"), email: try fields.string("email"),
      customerID: fields.optionalString("customer_id"), state: try fields.string("state"),
      generation: try fields.integer("generation"), occurredAt: try fields.time("occurred_at"),
      createdAt: try fields.time("created_at"), changedAt: try fields.time("changed_at"),
      closedAt: fields.optionalTime("closed_at"), closedBy: fields.optionalString("closed_by"),
      nextReminderAt: fields.optionalTime("next_reminder_at"))
  }

  package var json: JSON { .object(members) }

  fileprivate var members: [JSON.Member] {
    [
      .init("shop", JSON(shop)), .init("checkout_id", JSON(checkoutID)), .init("order_id", JSON(orderID)),
      .init("email", JSON(email)), .init("customer_id", JSON(customerID)), .init("state", JSON(state)),
      .init("generation", JSON(generation)), .init("occurred_at", JSON(occurredAt)),
      .init("created_at", JSON(createdAt)), .init("changed_at", JSON(changedAt)), .init("closed_at", JSON(closedAt)),
      .init("closed_by", JSON(closedBy)), .init("next_reminder_at", JSON(nextReminderAt)),
    ]
  }
}

/// `GET /checkouts`, newest first.
package struct CheckoutPage: Hashable, Sendable {
  package var checkouts: [CheckoutSummary]
  /// What `after` says for the next page; nil on the last.
  package var next: String?

  package init(checkouts: [CheckoutSummary], next: String?) {
    self.checkouts = checkouts
    self.next = next
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the list of checkouts")
    self.init(
      checkouts: try fields.array("checkouts", of: CheckoutSummary.init(json:)), next: fields.optionalString("next"))
  }

  package var json: JSON { ["checkouts": .array(checkouts.map(\.json)), "next": JSON(next)] }
}

/// `GET /checkouts/{id}`: the checkout, its cart, and all its messages with their attempts and the decisions on them.
package struct CheckoutDetail: Hashable, Sendable {
  package var checkout: CheckoutSummary
  package var cart: CartContent
  /// In the order of their due times.
  package var messages: [MessageReply]

  package init(checkout: CheckoutSummary, cart: CartContent, messages: [MessageReply]) {
    self.checkout = checkout
    self.cart = cart
    self.messages = messages
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "a checkout")
    self.init(
      checkout: try CheckoutSummary(json: json), cart: try CartContent(json: json),
      messages: try fields.array("messages", of: MessageReply.init(json:)))
  }

  package var json: JSON {
    let cart = cart.members.map { JSON.Member($0, $1 ?? .null) }
    return .object(checkout.members + cart + [.init("messages", .array(messages.map(\.json)))])
  }
}
