import GRDB
package import NudgeDomain

/// One order, with what it led to.
package struct OrderRecord: Hashable, Sendable {
  package var order: Order
  package var createdAt: Moment
  /// The checkouts that it closed, by the names that the shop gave them.
  package var closed: [String]
  /// Its message, if it was answered.
  package var message: MessageRecord?
}

extension OrderRecord {
  static func fetch(_ database: Database, shop: String, id: String) throws -> OrderRecord? {
    let found = try Row.fetchOne(
      database, sql: "SELECT * FROM shop_order WHERE shop = ? AND order_id = ?", arguments: [shop, id])
    guard let row = found else { return nil }
    let closed = try String.fetchAll(
      database,
      sql: "SELECT checkout_id FROM checkout WHERE closed_by = ? AND closed_by IS NOT NULL AND shop = ? ORDER BY id",
      arguments: [id, shop])
    let message = try Int64.fetchOne(
      database, sql: "SELECT id FROM message WHERE shop_order = ? AND shop_order IS NOT NULL",
      arguments: [row["id"] as Int64])
    return OrderRecord(
      order: Order(row), createdAt: Moment(milliseconds: row["created_at"]), closed: closed,
      message: try message.flatMap { try MessageQuery.fetch(database, id: $0) })
  }
}

extension Order {
  fileprivate init(_ row: Row) {
    self.init(
      shop: row["shop"], id: row["order_id"], checkoutID: row["checkout_id"], email: row["email"],
      customerID: row["customer_id"], occurredAt: Moment(milliseconds: row["occurred_at"]), content: row["content"])
  }
}
