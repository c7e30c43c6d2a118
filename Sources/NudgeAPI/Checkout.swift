/// `POST /checkout`: all that a shop knows of a checkout at that moment.
package struct CheckoutEvent: Hashable, Sendable {
  package static let standardShop = "default"

  package var shop: String
  package var checkoutID: String
  package var orderID: String?
  package var email: String
  package var customerID: String?
  package var cart: CartContent
  package var occurredAt: Timestamp?

  package init(
    shop: String = standardShop, checkoutID: String, orderID: String? = nil, email: String, customerID: String? = nil,
    cart: CartContent = CartContent(), occurredAt: Timestamp? = nil
  ) {
    self.shop = shop
    self.checkoutID = checkoutID
    self.orderID = orderID
    self.email = email
    self.customerID = customerID
    self.cart = cart
    self.occurredAt = occurredAt
  }

  /// The cart in its canonical form: equal text is equal content.
  package var content: String { cart.canonical }
}

extension CheckoutEvent {
  static let fieldNames = [
    "shop", "checkout_id", "order_id", "email", "name", "customer_id", "locale", "time_zone", "url", "items", "total",
    "currency", "occurred_at", "metadata",
  ]

  /// Those of a line that says what it is.
  static let typedFieldNames = fieldNames + ["type"]

  /// Reads and checks an event; a value that exists is valid. The problem names everything that is wrong.
  package init(_ json: JSON, now: Timestamp) throws(Problem) {
    try self.init(Fields(json), now: now, known: Self.fieldNames)
  }

  init(_ fields: consuming Fields, now: Timestamp, known: [String]) throws(Problem) {
    var fields = fields
    shop = fields.text("shop", ShopName.complaint) ?? Self.standardShop
    orderID = fields.text("order_id", Identifier.complaint)
    let named = fields.text("checkout_id", Identifier.complaint)
    checkoutID = named ?? orderID ?? ""
    if checkoutID.isEmpty && !fields.hasComplained(of: ["checkout_id", "order_id"]) {
      fields.complain("checkout_id", "is required (order_id may take its place)")
    }
    email = fields.requiredText("email", EmailAddress.complaint)
    customerID = fields.text("customer_id", Identifier.complaint)
    cart = CartContent(&fields, saysPlace: true)
    occurredAt = fields.time("occurred_at", now: now)
    fields.refuseUnknown(known)
    try fields.check()
  }

  package var json: JSON {
    .object(
      ofSaid: [
        ("shop", JSON(shop)), ("checkout_id", JSON(checkoutID)), ("order_id", orderID.map(JSON.string)),
        ("email", JSON(email)), ("customer_id", customerID.map(JSON.string)),
      ] + cart.members + [("occurred_at", occurredAt.map { JSON($0) })])
  }
}

/// What became of the checkout.
package struct CheckoutReply: Hashable, Sendable {
  package var shop: String
  package var checkoutID: String
  /// `open`, `cancelled` or `ordered`.
  package var state: String
  package var generation: Int
  package var changed: Bool
  package var nextReminderAt: Timestamp?

  package init(
    shop: String, checkoutID: String, state: String, generation: Int, changed: Bool, nextReminderAt: Timestamp?
  ) {
    self.shop = shop
    self.checkoutID = checkoutID
    self.state = state
    self.generation = generation
    self.changed = changed
    self.nextReminderAt = nextReminderAt
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the reply to a checkout")
    self.init(
      shop: try fields.string("shop"), checkoutID: try fields.string("checkout_id"), state: try fields.string("state"),
      generation: try fields.integer("generation"), changed: try fields.bool("changed"),
      nextReminderAt: fields.optionalTime("next_reminder_at"))
  }

  package func write(to writer: inout TextWriter) {
    writer.object { writer in
      writer.member("shop", shop)
      writer.member("checkout_id", checkoutID)
      writer.member("state", state)
      writer.member("generation", generation)
      writer.member("changed", changed)
      writer.member("next_reminder_at", nextReminderAt)
    }
  }
}
