/// `GET /orders/{id}`: an order, what it closed, and its message if it was answered.
package struct OrderDetail: Hashable, Sendable {
  package var shop: String
  package var orderID: String
  /// The checkout that it names.
  package var checkoutID: String?
  package var email: String?
  package var customerID: String?
  package var occurredAt: Timestamp
  package var createdAt: Timestamp
  /// The checkouts that it closed.
  package var closed: [String]
  package var messages: [MessageReply]

  package init(
    shop: String, orderID: String, checkoutID: String?, email: String?, customerID: String?, occurredAt: Timestamp,
    createdAt: Timestamp, closed: [String], messages: [MessageReply]
  ) {
    self.shop = shop
    self.orderID = orderID
    self.checkoutID = checkoutID
    self.email = email
    self.customerID = customerID
    self.occurredAt = occurredAt
    self.createdAt = createdAt
    self.closed = closed
    self.messages = messages
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "an order")
    self.init(
      shop: try fields.string("shop"), orderID: try fields.string("order_id"),
      checkoutID: fields.optionalString("checkout_id"), email: fields.optionalString("email"),
      customerID: fields.optionalString("customer_id"), occurredAt: try fields.time("occurred_at"),
      createdAt: try fields.time("created_at"), closed: try fields.array("closed") { value in value.string ?? "" },
      messages: try fields.array("messages", of: MessageReply.init(json:)))
  }

  package var json: JSON {
    .object([
      .init("shop", JSON(shop)), .init("order_id", JSON(orderID)), .init("checkout_id", JSON(checkoutID)),
      .init("email", JSON(email)), .init("customer_id", JSON(customerID)), .init("occurred_at", JSON(occurredAt)),
      .init("created_at", JSON(createdAt)), .init("closed", .array(closed.map(JSON.string))),
      .init("messages", .array(messages.map(\.json))),
    ])
  }
}
