/// `POST /order`: the event that ends a checkout.
package struct OrderEvent: Hashable, Sendable {
  package var shop: String
  package var orderID: String
  package var checkoutID: String?
  package var email: String?
  package var customerID: String?
  /// Without `locale` and `timeZone`: an order does not say them.
  package var cart: CartContent
  package var occurredAt: Timestamp?

  package init(
    shop: String = CheckoutEvent.standardShop, orderID: String, checkoutID: String? = nil, email: String? = nil,
    customerID: String? = nil, cart: CartContent = CartContent(), occurredAt: Timestamp? = nil
  ) {
    self.shop = shop
    self.orderID = orderID
    self.checkoutID = checkoutID
    self.email = email
    self.customerID = customerID
    self.cart = cart
    self.occurredAt = occurredAt
  }

  /// The order in its canonical form: equal text is equal content.
  package var content: String { cart.canonical }
}

extension OrderEvent {
  static let fieldNames = [
    "shop", "order_id", "checkout_id", "email", "customer_id", "name", "url", "items", "total", "currency",
    "occurred_at", "metadata",
  ]

  /// Those of a line that says what it is.
  static let typedFieldNames = fieldNames + ["type"]

  /// Reads and checks an event; a value that exists is valid. The problem names everything that is wrong.
  package init(_ json: JSON, now: Timestamp) throws(Problem) {
    try self.init(Fields(json), now: now, known: Self.fieldNames)
  }

  init(_ fields: consuming Fields, now: Timestamp, known: [String]) throws(Problem) {
    var fields = fields
    shop = fields.text("shop", ShopName.complaint) ?? CheckoutEvent.standardShop
    orderID = fields.requiredText("order_id", Identifier.complaint)
    checkoutID = fields.text("checkout_id", Identifier.complaint)
    email = fields.text("email", EmailAddress.complaint)
    customerID = fields.text("customer_id", Identifier.complaint)
    cart = CartContent(&fields, saysPlace: false)
    occurredAt = fields.time("occurred_at", now: now)
    fields.refuseUnknown(known)
    try fields.check()
  }

  package var json: JSON {
    .object(
      ofSaid: [
        ("shop", JSON(shop)), ("order_id", JSON(orderID)), ("checkout_id", checkoutID.map(JSON.string)),
        ("email", email.map(JSON.string)), ("customer_id", customerID.map(JSON.string)),
      ] + cart.members + [("occurred_at", occurredAt.map { JSON($0) })])
  }
}

/// What the order did.
package struct OrderReply: Hashable, Sendable {
  /// Whether a message answers the order.
  package enum OrderMessage: String, CaseIterable, Sendable {
    case queued
    case none
  }

  package var shop: String
  package var orderID: String
  /// The ids of the checkouts that it closed.
  package var closed: [String]
  package var remindersCancelled: Int
  /// Reminders whose hand-over had begun, so that they could not be held back.
  package var remindersInFlight: Int
  package var orderMessage: OrderMessage

  package init(
    shop: String, orderID: String, closed: [String], remindersCancelled: Int, remindersInFlight: Int,
    orderMessage: OrderMessage
  ) {
    self.shop = shop
    self.orderID = orderID
    self.closed = closed
    self.remindersCancelled = remindersCancelled
    self.remindersInFlight = remindersInFlight
    self.orderMessage = orderMessage
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the reply to an order")
    self.init(
      shop: fields.optionalString("shop") ?? CheckoutEvent.standardShop, orderID: try fields.string("order_id"),
      closed: try fields.array("closed") { value in value.string ?? "" },
      remindersCancelled: try fields.integer("reminders_cancelled"),
      remindersInFlight: try fields.integer("reminders_in_flight"),
      orderMessage: OrderMessage(rawValue: try fields.string("order_message")) ?? .none)
  }

  package func write(to writer: inout TextWriter) {
    writer.object { writer in
      writer.member("shop", shop)
      writer.member("order_id", orderID)
      writer.member("closed") { $0.array { for id in closed { $0.element { $0.value(id) } } } }
      writer.member("reminders_cancelled", remindersCancelled)
      writer.member("reminders_in_flight", remindersInFlight)
      writer.member("order_message", orderMessage.rawValue)
    }
  }
}
