import GRDB
package import NudgeDomain

/// Which messages to list: those that every given value applies to, newest first.
package struct MessageQuery: Hashable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case reminder
    case order
  }

  /// Any of these; all if empty.
  package var states: [Message.State]
  package var shop: String?
  /// Compared without case.
  package var email: String?
  /// Its reminders, and the message of the order that closed it.
  package var checkout: CheckoutKey?
  package var kind: Kind?
  package var reason: Reason?
  package var limit: Int
  /// Where the page before ended.
  package var after: Int64?

  package init(
    states: [Message.State] = [], shop: String? = nil, email: String? = nil, checkout: CheckoutKey? = nil,
    kind: Kind? = nil, reason: Reason? = nil, limit: Int = 100, after: Int64? = nil
  ) {
    self.states = states
    self.shop = shop
    self.email = email
    self.checkout = checkout
    self.kind = kind
    self.reason = reason
    self.limit = limit
    self.after = after
  }
}

extension MessageQuery {
  private static let select = """
    SELECT m.*, coalesce(c.shop, o.shop) AS shop, c.checkout_id, o.order_id, c.content AS checkout_content,
      o.content AS order_content, coalesce(o.email, c.email) AS email,
      coalesce(o.occurred_at, c.occurred_at) AS occurred_at,
      (SELECT a.recipient FROM attempt a WHERE a.message = m.id ORDER BY a.id DESC LIMIT 1) AS recipient
    FROM message m
    LEFT JOIN checkout c ON c.id = m.checkout
    LEFT JOIN shop_order o ON o.id = m.shop_order
    """

  private static let ofCheckout = """
    m.id IN (
      SELECT n.id FROM checkout k JOIN message n ON n.checkout = k.id AND n.step IS NOT NULL
      WHERE k.shop = ? AND k.checkout_id = ?
      UNION ALL
      SELECT n.id FROM checkout k JOIN shop_order p ON p.shop = k.shop AND p.order_id = k.closed_by
      JOIN message n ON n.shop_order = p.id
      WHERE k.shop = ? AND k.checkout_id = ?
    )
    """

  static func fetch(_ database: Database, id: Int64) throws -> MessageRecord? {
    let rows = try Row.fetchAll(database, sql: "\(select) WHERE m.id = ?", arguments: [id])
    return try records(database, rows).first
  }

  static func fetchContent(_ database: Database, id: Int64) throws -> ClaimContent? {
    guard let row = try Row.fetchOne(database, sql: "\(select) WHERE m.id = ?", arguments: [id]) else { return nil }
    let instance = try String.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'instance'") ?? ""
    return ClaimContent(row, instance: instance)
  }

  /// The messages with nothing but where their mail would go to.
  func fetchAddresses(_ database: Database) throws -> Page<MessageAddress> {
    let rows = try Row.fetchAll(database, sql: addressSQL, arguments: condition.arguments)
    let addresses = rows.map { MessageAddress(id: $0["id"], address: $0["email"] ?? "") }
    return Page(addresses, limit: max(limit, 1), id: \.id)
  }

  /// How SQLite goes about `fetchAddresses`.
  func plan(_ database: Database) throws -> String {
    let rows = try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN \(addressSQL)", arguments: condition.arguments)
    return rows.map { $0["detail"] as String }.joined(separator: "; ")
  }

  private var addressSQL: String {
    """
    SELECT m.id, coalesce(o.email, c.email) AS email
    FROM message m
    LEFT JOIN checkout c ON c.id = m.checkout
    LEFT JOIN shop_order o ON o.id = m.shop_order
    \(condition.sql) ORDER BY m.id DESC LIMIT \(max(limit, 1) + 1)
    """
  }

  func fetch(_ database: Database) throws -> Page<MessageRecord> {
    let condition = condition
    let sql = "\(Self.select) \(condition.sql) ORDER BY m.id DESC LIMIT \(max(limit, 1) + 1)"
    let rows = try Row.fetchAll(database, sql: sql, arguments: condition.arguments)
    return Page(try Self.records(database, rows), limit: max(limit, 1), id: \.id)
  }

  private var condition: Condition {
    var condition = Condition()
    condition.addIfGiven("m.id < ?", after)
    condition.addAny(of: states.map(\.rawValue), in: "m.state")
    if !states.isEmpty, states.allSatisfy({ $0.isDeadLetter || $0 == .sending }) {
      // The very words of the index.
      condition.add("(m.state = 'sending' OR m.state = 'dead' OR m.state = 'unknown')")
    }
    condition.addIfGiven("coalesce(c.shop, o.shop) = ?", shop)
    if let key = email.map(Shopper.emailKey(of:)) { condition.add("email_key(coalesce(o.email, c.email)) = ?", key) }
    if let checkout { condition.add(Self.ofCheckout, checkout.shop, checkout.id, checkout.shop, checkout.id) }
    condition.addIfGiven("m.reason = ?", reason?.rawValue)
    switch kind {
    case .reminder: condition.add("m.step IS NOT NULL")
    case .order: condition.add("m.step IS NULL")
    case nil: break
    }
    return condition
  }

  private static func records(_ database: Database, _ rows: [Row]) throws -> [MessageRecord] {
    let ids = rows.map { $0["id"] as Int64 }
    let sql = "SELECT * FROM attempt WHERE message IN (\(databaseQuestionMarks(count: ids.count))) ORDER BY id"
    let attempts = try Row.fetchAll(database, sql: sql, arguments: StatementArguments(ids))
    let byMessage = Dictionary(grouping: attempts) { $0["message"] as Int64 }
    let actions = try OperatorRecord.fetch(database, messages: ids)
    return rows.map { row in
      let id = row["id"] as Int64
      return MessageRecord(
        row, attempts: byMessage[id, default: []].map(AttemptRecord.init), actions: actions[id, default: []])
    }
  }
}

extension MessageRecord {
  fileprivate init(_ row: Row, attempts: [AttemptRecord], actions: [OperatorRecord]) {
    self.init(
      id: row["id"], shop: row["shop"], checkoutID: row["checkout_id"], orderID: row["order_id"], kind: row.kind,
      email: row["recipient"] ?? row["email"], state: row.word("state"),
      reason: Reason(rawValue: row["reason"]) ?? .unknown,
      dueAt: Moment(milliseconds: row["due_at"]), generation: row["generation"],
      createdAt: Moment(milliseconds: row["created_at"]), settledAt: row.moment("settled_at"), attempts: attempts,
      actions: actions)
  }
}

extension AttemptRecord {
  fileprivate init(_ row: Row) {
    self.init(
      id: row["id"], startedAt: Moment(milliseconds: row["started_at"]), settledAt: row.moment("settled_at"),
      outcome: row["outcome"], providerID: row["provider_id"], error: row["error"])
  }
}

extension ClaimContent {
  fileprivate init(_ row: Row, instance: String) {
    self.init(
      shop: row["shop"], kind: row.kind, to: row["email"], checkoutID: row["checkout_id"], orderID: row["order_id"],
      checkoutContent: row["checkout_content"], orderContent: row["order_content"], instance: instance,
      createdAt: Moment(milliseconds: row["created_at"]), occurredAt: row.moment("occurred_at"))
  }
}

extension Row {
  fileprivate var kind: Message.Kind {
    (self["step"] as Int?).map { .reminder(step: $0) } ?? .order
  }
}
