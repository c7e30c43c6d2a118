import NudgeDomain

struct CheckoutRow {
  var id: Int64
  var checkout: Checkout

  var shop: String { checkout.latest.key.shop }
}

/// How a checkout ended, for now or for good.
struct Closing {
  var at: Moment
  /// The id of the order that closed it; nil if the shopper emptied the cart.
  var orderID: String?
}

struct CheckoutTable {
  private let byKey: Statement
  private let byID: Statement
  private let openByEmail: Statement
  private let openByCustomer: Statement
  private let byOrder: Statement
  private let insertion: Statement
  private let replacement: Statement
  private let closing: Statement
  private let closedBy: Statement

  init(_ connection: OpaquePointer) throws(StoreError) {
    byKey = try Statement(connection, "\(Self.select) WHERE shop = ? AND checkout_id = ?")
    byID = try Statement(connection, "\(Self.select) WHERE id = ?")
    openByEmail = try Statement(connection, "\(Self.select) WHERE email_hash = ? AND state = 'open'")
    openByCustomer = try Statement(
      connection, "\(Self.select) WHERE customer_hash = ? AND customer_hash IS NOT NULL AND state = 'open'")
    byOrder = try Statement(connection, "\(Self.select) WHERE order_hash = ? AND order_hash IS NOT NULL")
    insertion = try Statement(connection, Self.insert)
    replacement = try Statement(connection, Self.update)
    closing = try Statement(
      connection, "UPDATE checkout SET state = 'ordered', changed_at = ?2, closed_at = ?2, closed_by = ?3 WHERE id = ?1"
    )
    closedBy = try Statement(
      connection, "SELECT id FROM checkout WHERE closed_by = ? AND closed_by IS NOT NULL AND shop = ?")
  }

  func find(_ key: CheckoutKey) throws(StoreError) -> CheckoutRow? {
    try byKey.first(.text(key.shop), .text(key.id), read: Self.row)
  }

  func find(id: Int64) throws(StoreError) -> CheckoutRow? {
    try byID.first(.integer(id), read: Self.row)
  }

  /// The checkouts that the order names, in whatever state, then the open ones of the same shopper, the latest first.
  func candidates(for order: Order, open: [CheckoutRow]) throws(StoreError) -> [CheckoutRow] {
    var rows: [CheckoutRow] = []
    if let id = order.checkoutID, let row = try find(CheckoutKey(shop: order.shop, id: id)) { rows.append(row) }
    if let row = try find(CheckoutKey(shop: order.shop, id: order.id)) { rows.append(row) }
    rows += try byOrder.all(.integer(Hash.key(shop: order.shop, order.id)), read: Self.row)
    rows += open.sorted { $0.checkout.latest.occurredAt > $1.checkout.latest.occurredAt }
    var seen: Set<Int64> = []
    return rows.filter { seen.insert($0.id).inserted && order.closes($0.checkout.latest) }
  }

  /// The open checkouts of a shopper; one may be there twice.
  func open(of shopper: Shopper, shop: String) throws(StoreError) -> [CheckoutRow] {
    var rows: [CheckoutRow] = []
    if let email = shopper.emailKey {
      rows += try openByEmail.all(.integer(Hash.key(shop: shop, email)), read: Self.row)
    }
    if let customer = shopper.customerID {
      rows += try openByCustomer.all(.integer(Hash.key(shop: shop, customer)), read: Self.row)
    }
    return rows.filter { $0.shop == shop && $0.checkout.latest.shopper.isSame(as: shopper) }
  }

  /// The rows of the checkouts that an order closed.
  func closed(by order: Order) throws(StoreError) -> [Int64] {
    try closedBy.all(.text(order.id), .text(order.shop)) { $0.integer(0) }
  }

  func insert(_ checkout: Checkout, closing: Closing?, now: Moment) throws(StoreError) -> CheckoutRow {
    let change = checkout.latest
    try insertion.run(
      .integer(Hash.bucket(ofShop: change.key.shop)), .text(change.key.shop), .text(change.key.id),
      .text(change.orderID), .text(change.customerID), .text(change.email),
      .integer(Hash.key(shop: change.key.shop, change.orderID)),
      .integer(Hash.key(shop: change.key.shop, change.customerID)),
      .integer(Hash.key(shop: change.key.shop, Shopper.emailKey(of: change.email))),
      .text(checkout.state.rawValue), .integer(checkout.generation), .integer(checkout.scheduleGeneration),
      .moment(checkout.anchor), .moment(change.occurredAt), .moment(now),
      .moment(closing?.at), .text(closing?.orderID), .flag(change.isEmpty), .text(change.content))
    return CheckoutRow(id: insertion.insertedID, checkout: checkout)
  }

  func update(_ row: CheckoutRow, closing: Closing?, now: Moment) throws(StoreError) {
    let checkout = row.checkout
    let change = checkout.latest
    try replacement.run(
      .integer(row.id), .text(change.orderID), .text(change.customerID), .text(change.email),
      .integer(Hash.key(shop: change.key.shop, change.orderID)),
      .integer(Hash.key(shop: change.key.shop, change.customerID)),
      .integer(Hash.key(shop: change.key.shop, Shopper.emailKey(of: change.email))),
      .text(checkout.state.rawValue), .integer(checkout.generation), .integer(checkout.scheduleGeneration),
      .moment(checkout.anchor), .moment(change.occurredAt), .moment(now),
      .moment(closing?.at), .text(closing?.orderID), .flag(change.isEmpty), .text(change.content))
  }

  func close(_ row: CheckoutRow, orderID: String, now: Moment) throws(StoreError) {
    try closing.run(.integer(row.id), .moment(now), .text(orderID))
  }
}

extension CheckoutTable {
  private static let select = """
    SELECT id, shop, checkout_id, order_id, customer_id, email, state, generation, schedule_generation, anchor_at,
      occurred_at, is_empty, content
    FROM checkout
    """

  private static let insert = """
    INSERT INTO checkout (bucket, shop, checkout_id, order_id, customer_id, email, order_hash, customer_hash,
      email_hash, state, generation, schedule_generation, anchor_at, occurred_at, created_at, changed_at, closed_at,
      closed_by, is_empty, content)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?15, ?16, ?17, ?18, ?19)
    """

  private static let update = """
    UPDATE checkout SET order_id = ?2, customer_id = ?3, email = ?4, order_hash = ?5, customer_hash = ?6,
      email_hash = ?7, state = ?8, generation = ?9, schedule_generation = ?10, anchor_at = ?11, occurred_at = ?12,
      changed_at = ?13, closed_at = ?14, closed_by = ?15, is_empty = ?16, content = ?17
    WHERE id = ?1
    """

  private static func row(_ columns: Columns) -> CheckoutRow {
    let change = CheckoutChange(
      key: CheckoutKey(shop: columns.text(1), id: columns.text(2)), orderID: columns.optionalText(3),
      email: columns.text(5), customerID: columns.optionalText(4), occurredAt: columns.moment(10),
      content: columns.text(12), isEmpty: columns.flag(11))
    let checkout = Checkout(
      state: columns.word(6), generation: columns.int(7), scheduleGeneration: columns.int(8),
      anchor: columns.moment(9), latest: change)
    return CheckoutRow(id: columns.integer(0), checkout: checkout)
  }
}
