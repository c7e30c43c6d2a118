import NudgeDomain

struct MessageRow {
  var id: Int64
  /// The row of its checkout.
  var checkout: Int64?
  /// The row of its order, if it is an order message.
  var order: Int64?
  var message: Message
  var generation: Int
  var due: Moment
  /// When it was due before it was first deferred, or the reminder that it stands for was; nil if neither happened.
  var firstDue: Moment?
  var createdAt: Moment
  /// Hand-overs that count, since the last retry.
  var attempts: Int
  var isRetried: Bool
  /// The row of the stream that it waits in, because its template fails.
  var held: Int64?
}

/// A message that is not there yet.
struct NewMessage {
  var shop: String
  var checkout: Int64?
  var order: Int64?
  var message: Message
  var generation: Int
  var due: Moment
}

extension Message.Lane {
  /// The condition of the lane's messages, in the very words of its index.
  var waits: String {
    switch self {
    case .order: "state = 'scheduled' AND step IS NULL AND held IS NULL"
    case .reminder: "state = 'scheduled' AND step IS NOT NULL AND held IS NULL"
    }
  }

  /// When the earliest message that waits in either lane is due, as an expression.
  static let earliestDue = """
    (SELECT min(due) FROM (
      SELECT min(due_at) AS due FROM message WHERE \(Self.order.waits)
      UNION ALL SELECT min(due_at) FROM message WHERE \(Self.reminder.waits)))
    """
}

/// A statement for each lane.
struct Lanes {
  private let order: Statement
  private let reminder: Statement

  init(_ statement: (_ waits: String) throws(StoreError) -> Statement) throws(StoreError) {
    order = try statement(Message.Lane.order.waits)
    reminder = try statement(Message.Lane.reminder.waits)
  }

  subscript(lane: Message.Lane) -> Statement { lane == .order ? order : reminder }
}

struct MessageTable {
  private let byID: Statement
  private let live: Statement
  private let oldest: Lanes
  private let due: Lanes
  private let heldDue: Statement
  private let handedOver: Statement
  private let earliest: Lanes
  private let nextReminder: Statement
  private let later: Statement
  private let insertion: Statement
  private let replacement: Statement

  init(_ connection: OpaquePointer) throws(StoreError) {
    byID = try Statement(connection, "\(Self.select) WHERE id = ?")
    live = try Statement(
      connection, "\(Self.select) WHERE checkout = ? AND step IS NOT NULL AND state IN ('scheduled', 'sending')")
    oldest = try Lanes { (waits) throws(StoreError) in try Statement(connection, Self.oldest(waits)) }
    due = try Lanes { (waits) throws(StoreError) in
      try Statement(connection, "\(Self.select) WHERE \(waits) AND due_at <= ? ORDER BY due_at, id LIMIT ?")
    }
    heldDue = try Statement(connection, "\(Self.select) WHERE held IS NOT NULL AND due_at <= ? LIMIT ?")
    handedOver = try Statement(
      connection,
      "\(Self.select) WHERE state = 'sending' ORDER BY id")
    earliest = try Lanes { (waits) throws(StoreError) in
      try Statement(connection, "SELECT min(due_at) FROM message WHERE \(waits)")
    }
    nextReminder = try Statement(
      connection, "SELECT min(due_at) FROM message WHERE checkout = ? AND step IS NOT NULL AND state = 'scheduled'")
    later = try Statement(
      connection, "SELECT 1 FROM message WHERE checkout = ? AND generation = ? AND step > ? AND step IS NOT NULL")
    insertion = try Statement(connection, Self.insert)
    replacement = try Statement(connection, Self.update)
  }

  func find(_ id: Int64) throws(StoreError) -> MessageRow? {
    try byID.first(.integer(id), read: Self.row)
  }

  /// The reminders of a checkout that wait or are being handed over.
  func live(checkout: Int64) throws(StoreError) -> [MessageRow] {
    try live.all(.integer(checkout), read: Self.row)
  }

  /// What is due in a lane, the oldest first: what was deferred counts by when it was due before.
  func oldestDue(_ lane: Message.Lane, now: Moment, limit: Int) throws(StoreError) -> [MessageRow] {
    try oldest[lane].all(.moment(now), .integer(limit), read: Self.row)
  }

  /// What is due in a lane, the longest overdue first: what was deferred has gone to the back.
  func due(_ lane: Message.Lane, now: Moment, limit: Int) throws(StoreError) -> [MessageRow] {
    try due[lane].all(.moment(now), .integer(limit), read: Self.row)
  }

  /// What is due and held, because its template fails.
  func heldDue(now: Moment, limit: Int) throws(StoreError) -> [MessageRow] {
    try heldDue.all(.moment(now), .integer(limit), read: Self.row)
  }

  func sending() throws(StoreError) -> [MessageRow] {
    try handedOver.all(read: Self.row)
  }

  /// When the earliest message that waits in a lane is due.
  func earliestDue(_ lane: Message.Lane) throws(StoreError) -> Moment? {
    try earliest[lane].first { $0.optionalMoment(0) } ?? nil
  }

  func nextReminder(checkout: Int64) throws(StoreError) -> Moment? {
    try nextReminder.first(.integer(checkout)) { $0.optionalMoment(0) } ?? nil
  }

  /// True if a later step of the same schedule was planned before.
  func hasLaterStep(than step: Int, generation: Int, checkout: Int64) throws(StoreError) -> Bool {
    try later.first(.integer(checkout), .integer(generation), .integer(step)) { _ in true } ?? false
  }

  func insert(_ new: NewMessage, now: Moment) throws(StoreError) -> Int64 {
    try insertion.run(
      .integer(Hash.bucket(ofShop: new.shop)), .integer(new.checkout), .integer(new.order),
      .integer(new.message.kind.step.map(Int64.init)), .integer(new.generation), .text(new.message.state.rawValue),
      .text(new.message.reason.rawValue), .moment(new.due), .moment(now),
      .moment(new.message.state.isFinal ? now : nil))
    return insertion.insertedID
  }

  /// Writes the state, reason, due time and counts of the row.
  func update(_ row: MessageRow, now: Moment) throws(StoreError) {
    try replacement.run(
      .integer(row.id), .integer(row.generation), .text(row.message.state.rawValue),
      .text(row.message.reason.rawValue), .moment(row.due), .moment(row.message.state.isFinal ? now : nil),
      .integer(row.attempts), .flag(row.isRetried), .integer(row.held), .moment(row.firstDue))
  }
}

extension MessageTable {
  private static let columns = """
    id, checkout, shop_order, step, generation, state, reason, due_at, created_at, attempts, is_retried, first_due_at
    """

  private static let select = "SELECT \(columns) FROM message"

  /// Two walks along an index each: what was deferred, and what was not.
  private static func oldest(_ waits: String) -> String {
    """
    SELECT \(columns) FROM (
      SELECT * FROM (
        SELECT \(columns), first_due_at AS since FROM message
        WHERE \(waits) AND first_due_at IS NOT NULL AND first_due_at <= ?1 AND due_at <= ?1
        ORDER BY first_due_at, due_at LIMIT ?2)
      UNION ALL SELECT * FROM (
        SELECT \(columns), due_at AS since FROM message
        WHERE \(waits) AND first_due_at IS NULL AND due_at <= ?1 ORDER BY due_at, id LIMIT ?2))
    ORDER BY since, id LIMIT ?2
    """
  }

  private static let insert = """
    INSERT INTO message (bucket, checkout, shop_order, step, generation, state, reason, due_at, created_at, settled_at,
      attempts, is_retried)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)
    """

  private static let update = """
    UPDATE message SET state = ?3, reason = ?4, due_at = ?5, settled_at = ?6, attempts = ?7, is_retried = ?8,
      held = ?9, first_due_at = ?10
    WHERE id = ?1 AND generation = ?2
    """

  private static func row(_ columns: Columns) -> MessageRow {
    let kind: Message.Kind = columns.isNull(3) ? .order : .reminder(step: columns.int(3))
    return MessageRow(
      id: columns.integer(0), checkout: columns.optionalInteger(1), order: columns.optionalInteger(2),
      message: Message(kind: kind, state: columns.word(5), reason: columns.reason(6)), generation: columns.int(4),
      due: columns.moment(7), firstDue: columns.optionalMoment(11), createdAt: columns.moment(8),
      attempts: columns.int(9), isRetried: columns.flag(10))
  }
}

extension Message.Kind {
  /// Nil for an order message.
  var step: Int? {
    switch self {
    case .reminder(let step): step
    case .order: nil
    }
  }
}
