import NudgeDomain

struct OrderRow {
  var id: Int64
  var order: Order
  /// True once it closed a checkout or got a message.
  var hadEffect: Bool
}

struct OrderTable {
  private let byKey: Statement
  private let byRowID: Statement
  private let closing: Statement
  private let insertion: Statement
  private let replacement: Statement
  private let marking: Statement
  private let forgetting: Statement

  init(_ connection: OpaquePointer) throws(StoreError) {
    byKey = try Statement(connection, "\(Self.select) WHERE shop = ? AND order_id = ?")
    byRowID = try Statement(connection, "\(Self.select) WHERE id = ?")
    closing = try Statement(connection, Self.selectClosing)
    insertion = try Statement(connection, Self.insert)
    replacement = try Statement(connection, Self.update)
    marking = try Statement(connection, "UPDATE shop_order SET had_effect = 1 WHERE id = ?")
    forgetting = try Statement(connection, Self.deleteWithoutEffect)
  }

  func find(shop: String, id: String) throws(StoreError) -> OrderRow? {
    try byKey.first(.text(shop), .text(id), read: Self.row)
  }

  func find(rowID: Int64) throws(StoreError) -> OrderRow? {
    try byRowID.first(.integer(rowID), read: Self.row)
  }

  /// The order, taken before, that closes what the change is about.
  func closing(_ change: CheckoutChange) throws(StoreError) -> OrderRow? {
    let shop = change.key.shop
    let candidates = try closing.all(
      .text(shop), .text(change.key.id), .text(change.orderID), .integer(Hash.key(shop: shop, change.key.id)),
      .integer(Hash.key(shop: shop, Shopper.emailKey(of: change.email))),
      .integer(Hash.key(shop: shop, change.customerID)), .moment(change.occurredAt), read: Self.row)
    return candidates.first { $0.order.closes(change) }
  }

  /// - Parameter isAwaiting: the checkout that the order names has yet to come: then it will look for the order by that
  ///   name. One that is there is ordered by now, and never looks again.
  func insert(_ order: Order, isAwaiting: Bool, hadEffect: Bool, now: Moment) throws(StoreError) -> OrderRow {
    try insertion.run(
      .integer(Hash.bucket(ofShop: order.shop)), .text(order.shop), .text(order.id), .text(order.checkoutID),
      .text(order.customerID), .text(order.email), .integer(checkoutHash(of: order, isAwaiting)),
      .integer(Hash.key(shop: order.shop, order.customerID)),
      .integer(Hash.key(shop: order.shop, order.shopper.emailKey)), .moment(order.occurredAt), .moment(now),
      .flag(hadEffect), .text(order.content))
    return OrderRow(id: insertion.insertedID, order: order, hadEffect: hadEffect)
  }

  /// - Parameter isAwaiting: see `insert`.
  func update(_ row: OrderRow, isAwaiting: Bool) throws(StoreError) {
    let order = row.order
    try replacement.run(
      .integer(row.id), .text(order.checkoutID), .text(order.customerID), .text(order.email),
      .integer(checkoutHash(of: order, isAwaiting)), .integer(Hash.key(shop: order.shop, order.customerID)),
      .integer(Hash.key(shop: order.shop, order.shopper.emailKey)), .moment(order.occurredAt), .flag(row.hadEffect),
      .text(order.content))
  }

  private func checkoutHash(of order: Order, _ isAwaiting: Bool) -> Int64? {
    isAwaiting ? Hash.key(shop: order.shop, order.checkoutID) : nil
  }

  func markEffect(_ row: OrderRow) throws(StoreError) {
    guard !row.hadEffect else { return }
    try marking.run(.integer(row.id))
  }

  /// Deletes at most `limit` orders that had no effect and were taken before that moment; answers how many.
  func forget(before: Moment, limit: Int) throws(StoreError) -> Int {
    try forgetting.all(.moment(before), .integer(limit)) { $0.integer(0) }.count
  }
}

extension OrderTable {
  private static let columns = """
    id, shop, order_id, checkout_id, customer_id, email, occurred_at, had_effect, content
    """

  private static let select = "SELECT \(columns) FROM shop_order"

  /// One seek for each way in which an order may close a checkout. A list of ids would be a table of its own each time.
  private static let selectClosing = """
    \(select) WHERE shop = ?1 AND order_id = ?2
    UNION ALL \(select) WHERE shop = ?1 AND order_id = ?3
    UNION ALL \(select) WHERE checkout_hash = ?4 AND checkout_hash IS NOT NULL
    UNION ALL \(select) WHERE email_hash = ?5 AND email_hash IS NOT NULL AND occurred_at >= ?7
    UNION ALL \(select) WHERE customer_hash = ?6 AND customer_hash IS NOT NULL AND occurred_at >= ?7
    """

  private static let insert = """
    INSERT INTO shop_order (bucket, shop, order_id, checkout_id, customer_id, email, checkout_hash, customer_hash,
      email_hash, occurred_at, created_at, had_effect, content)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """

  private static let update = """
    UPDATE shop_order SET checkout_id = ?2, customer_id = ?3, email = ?4, checkout_hash = ?5, customer_hash = ?6,
      email_hash = ?7, occurred_at = ?8, had_effect = ?9, content = ?10
    WHERE id = ?1
    """

  private static let deleteWithoutEffect = """
    DELETE FROM shop_order WHERE id IN (
      SELECT id FROM shop_order WHERE had_effect = 0 AND created_at < ? ORDER BY created_at LIMIT ?
    )
    RETURNING id
    """

  private static func row(_ columns: Columns) -> OrderRow {
    let order = Order(
      shop: columns.text(1), id: columns.text(2), checkoutID: columns.optionalText(3), email: columns.optionalText(5),
      customerID: columns.optionalText(4), occurredAt: columns.moment(6), content: columns.text(8))
    return OrderRow(id: columns.integer(0), order: order, hadEffect: columns.flag(7))
  }
}
