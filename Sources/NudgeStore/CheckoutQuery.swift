import GRDB
package import NudgeDomain

/// Which checkouts to list: those that every given value applies to, newest first.
package struct CheckoutQuery: Hashable, Sendable {
  package var state: Checkout.State?
  package var shop: String?
  /// Compared without case.
  package var email: String?
  package var limit: Int
  /// Where the page before ended.
  package var after: Int64?

  package init(
    state: Checkout.State? = nil, shop: String? = nil, email: String? = nil, limit: Int = 100, after: Int64? = nil
  ) {
    self.state = state
    self.shop = shop
    self.email = email
    self.limit = limit
    self.after = after
  }
}

extension CheckoutQuery {
  private static let select = """
    SELECT c.*, (
      SELECT min(m.due_at) FROM message m WHERE m.checkout = c.id AND m.step IS NOT NULL AND m.state = 'scheduled'
    ) AS next_reminder_at
    FROM checkout c
    """

  static func fetch(_ database: Database, key: CheckoutKey) throws -> CheckoutRecord? {
    try Row.fetchOne(
      database, sql: "\(select) WHERE c.shop = ? AND c.checkout_id = ?", arguments: [key.shop, key.id]
    ).map(CheckoutRecord.init)
  }

  func fetch(_ database: Database) throws -> Page<CheckoutRecord> {
    let sql = "\(Self.select) \(condition.sql) ORDER BY c.id DESC LIMIT \(max(limit, 1) + 1)"
    let rows = try Row.fetchAll(database, sql: sql, arguments: condition.arguments)
    return Page(rows.map(CheckoutRecord.init), limit: max(limit, 1), id: \.id)
  }

  private var condition: Condition {
    var condition = Condition()
    condition.addIfGiven("c.id < ?", after)
    if let state { condition.add("c.state = '\(state.rawValue)'") }  // literally, so that partial indexes serve
    condition.addIfGiven("c.shop = ?", shop)
    if let key = email.map(Shopper.emailKey(of:)) {
      if let shop { condition.add("c.email_hash = ?", Hash.key(shop: shop, key) as Int64) }
      condition.add("email_key(c.email) = ?", key)
    }
    return condition
  }
}

extension CheckoutRecord {
  init(_ row: Row) {
    let change = CheckoutChange(
      key: CheckoutKey(shop: row["shop"], id: row["checkout_id"]), orderID: row["order_id"], email: row["email"],
      customerID: row["customer_id"], occurredAt: Moment(milliseconds: row["occurred_at"]), content: row["content"],
      isEmpty: row["is_empty"])
    let checkout = Checkout(
      state: row.word("state"), generation: row["generation"], scheduleGeneration: row["schedule_generation"],
      anchor: Moment(milliseconds: row["anchor_at"]), latest: change)
    self.init(
      id: row["id"], checkout: checkout, createdAt: Moment(milliseconds: row["created_at"]),
      changedAt: Moment(milliseconds: row["changed_at"]), closedAt: row.moment("closed_at"),
      closedBy: row["closed_by"], nextReminderAt: row.moment("next_reminder_at"))
  }
}

extension Row {
  func moment(_ column: String) -> Moment? {
    (self[column] as Int64?).map(Moment.init)
  }

  /// A word of a closed list that the schema keeps other words out of.
  func word<T: RawRepresentable<String>>(_ column: String) -> T {
    let word: String = self[column]
    guard let value = T(rawValue: word) else { preconditionFailure("the database holds an unknown word: \(word)") }
    return value
  }
}
