import NudgeDomain

/// The ledger.
struct AttemptTable {
  struct Row {
    var id: Int64
    var message: Int64
    var isOpen: Bool
  }

  private let byID: Statement
  private let open: Statement
  private let insertion: Statement
  private let settlement: Statement

  init(_ connection: OpaquePointer) throws(StoreError) {
    byID = try Statement(connection, "SELECT id, message, settled_at IS NULL FROM attempt WHERE id = ?")
    open = try Statement(connection, "SELECT id FROM attempt WHERE message = ? AND settled_at IS NULL")
    insertion = try Statement(connection, "INSERT INTO attempt (message, recipient, started_at) VALUES (?, ?, ?)")
    settlement = try Statement(
      connection, "UPDATE attempt SET settled_at = ?2, outcome = ?3, provider_id = ?4, error = ?5 WHERE id = ?1")
  }

  func find(_ id: Int64) throws(StoreError) -> Row? {
    try byID.first(.integer(id)) { Row(id: $0.integer(0), message: $0.integer(1), isOpen: $0.flag(2)) }
  }

  /// The hand-over of that message that has begun and not ended.
  func open(message: Int64) throws(StoreError) -> Int64? {
    try open.first(.integer(message)) { $0.integer(0) }
  }

  func insert(message: Int64, recipient: String, now: Moment) throws(StoreError) -> Int64 {
    try insertion.run(.integer(message), .text(recipient), .moment(now))
    return insertion.insertedID
  }

  func settle(_ id: Int64, outcome: Outcome, now: Moment) throws(StoreError) {
    try settlement.run(
      .integer(id), .moment(now), .text(outcome.ledgerWord.rawValue), .text(outcome.providerID), .text(outcome.error))
  }
}
