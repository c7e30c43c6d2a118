import NudgeDomain

struct StreamRow {
  var id: Int64
  var shop: String
  var kind: Message.Kind
  var stream: FailingStream
}

/// The streams whose latest message could not be composed, and those that are being released.
struct StreamTable {
  private let byKey: Statement
  private let insertion: Statement
  private let replacement: Statement
  private let deletion: Statement
  private let probes: Statement
  private let earliest: Statement
  private let releasing: Statement
  private let oldestHeld: Statement
  private let returning: Statement

  init(_ connection: OpaquePointer) throws(StoreError) {
    byKey = try Statement(connection, "\(Self.select) WHERE shop = ? AND step = ?")
    insertion = try Statement(
      connection,
      """
      INSERT INTO failing_stream (shop, step, failures, error, held_at, probe_at, wait, is_releasing)
      VALUES (?, ?, ?, ?, ?, ?, ?, 0)
      """)
    replacement = try Statement(
      connection,
      """
      UPDATE failing_stream SET failures = ?2, error = ?3, held_at = ?4, probe_at = ?5, wait = ?6, is_releasing = ?7
      WHERE id = ?1
      """)
    deletion = try Statement(connection, "DELETE FROM failing_stream WHERE id = ?")
    probes = try Statement(connection, Self.selectProbes)
    earliest = try Statement(connection, Self.selectEarliest)
    releasing = try Statement(connection, "SELECT id FROM failing_stream WHERE is_releasing = 1 ORDER BY id LIMIT ?")
    oldestHeld = try Statement(connection, "SELECT id FROM message WHERE held = ? ORDER BY due_at, id LIMIT 1")
    returning = try Statement(connection, Self.updateReleased)
  }

  func find(shop: String, kind: Message.Kind) throws(StoreError) -> StreamRow? {
    try byKey.first(.text(shop), .integer(kind.streamStep), read: Self.row)
  }

  func insert(_ stream: FailingStream, shop: String, kind: Message.Kind) throws(StoreError) {
    try insertion.run(
      .text(shop), .integer(kind.streamStep), .integer(stream.failures), .text(stream.error),
      .moment(stream.heldSince), .moment(stream.probeAt), .integer(stream.wait.milliseconds))
  }

  /// - Parameter isReleasing: false takes that away: a stream that fails anew keeps what it has not released.
  func update(_ row: StreamRow, isReleasing: Bool) throws(StoreError) {
    let stream = row.stream
    try replacement.run(
      .integer(row.id), .integer(stream.failures), .text(stream.error), .moment(stream.heldSince),
      .moment(stream.probeAt), .integer(stream.wait.milliseconds), .flag(isReleasing))
  }

  func delete(_ id: Int64) throws(StoreError) { try deletion.run(.integer(id)) }

  /// The held streams of a lane of which one message may be tried.
  func probes(_ lane: Message.Lane, now: Moment, limit: Int) throws(StoreError) -> [Int64] {
    try probes.all(.moment(now), .flag(lane == .order), .integer(limit)) { $0.integer(0) }
  }

  /// When the next message of a held stream may be tried.
  func earliestProbe(_ lane: Message.Lane) throws(StoreError) -> Moment? {
    try earliest.first(.flag(lane == .order)) { $0.moment(0) }
  }

  func releasing(limit: Int) throws(StoreError) -> [Int64] {
    try releasing.all(.integer(limit)) { $0.integer(0) }
  }

  /// The message of a held stream that has waited longest.
  func oldestHeld(_ id: Int64) throws(StoreError) -> Int64? {
    try oldestHeld.first(.integer(id)) { $0.integer(0) }
  }

  /// Puts at most `limit` messages back into their lane, the oldest first.
  ///
  /// - Returns: for each, whether a person asked for it.
  func giveBack(_ id: Int64, limit: Int) throws(StoreError) -> [Bool] {
    try returning.all(.integer(id), .integer(limit)) { $0.flag(0) }
  }
}

extension StreamTable {
  static let select = "SELECT id, shop, step, failures, error, held_at, probe_at, wait FROM failing_stream"

  static let selectProbes = """
    SELECT s.id FROM failing_stream s
    WHERE s.held_at IS NOT NULL AND s.probe_at <= ? AND (s.step = 0) = ?
      AND EXISTS (SELECT 1 FROM message m WHERE m.held = s.id)
    ORDER BY s.probe_at LIMIT ?
    """

  static let selectEarliest = """
    SELECT s.probe_at FROM failing_stream s
    WHERE s.held_at IS NOT NULL AND (s.step = 0) = ? AND EXISTS (SELECT 1 FROM message m WHERE m.held = s.id)
    ORDER BY s.probe_at LIMIT 1
    """

  /// The same for both lanes, without a parameter.
  static let selectNextProbe = """
    SELECT min(s.probe_at) FROM failing_stream s
    WHERE s.held_at IS NOT NULL AND EXISTS (SELECT 1 FROM message m WHERE m.held = s.id)
    """

  static let selectWhetherReleasing = "SELECT EXISTS (SELECT 1 FROM failing_stream WHERE is_releasing = 1)"

  static let updateReleased = """
    UPDATE message SET held = NULL, reason = CASE is_retried WHEN 1 THEN 'retried' ELSE 'due' END
    WHERE id IN (SELECT id FROM message WHERE held = ? ORDER BY due_at, id LIMIT ?)
    RETURNING is_retried
    """

  private static func row(_ columns: Columns) -> StreamRow {
    let kind: Message.Kind = columns.int(2) == 0 ? .order : .reminder(step: columns.int(2))
    let stream = FailingStream(
      failures: columns.int(3), error: columns.text(4), heldSince: columns.optionalMoment(5),
      probeAt: columns.optionalMoment(6), wait: .milliseconds(columns.integer(7)))
    return StreamRow(id: columns.integer(0), shop: columns.text(1), kind: kind, stream: stream)
  }
}

extension Message.Kind {
  /// The step of a reminder, 0 for an order message.
  fileprivate var streamStep: Int { step ?? 0 }
}
