import NudgeDomain

/// What operators did. A row for each action; the oldest make room for the newest.
struct OperatorTable {
  /// So many rows stay.
  static let limit: Int64 = 100_000

  private let insertion: Statement
  private let forgetting: Statement
  private let limit: Int64

  init(_ connection: OpaquePointer, limit: Int64 = limit) throws(StoreError) {
    self.limit = limit
    insertion = try Statement(
      connection,
      """
      INSERT INTO operator_action (at, uid, gid, pid, user_name, action, message, target, result)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    forgetting = try Statement(connection, "DELETE FROM operator_action WHERE id <= ?")
  }

  /// - Parameter who: nil if nobody can say who it was.
  func insert(_ action: OperatorAction, by who: Operator?, now: Moment) throws(StoreError) {
    try insertion.run(
      .moment(now), .integer(who.map { Int64($0.uid) }), .integer(who.map { Int64($0.gid) }),
      .integer(who.map { Int64($0.pid) }), .text(who?.name), .text(action.verb.rawValue),
      .integer(action.message), .text(action.target), .text(action.result))
    try forgetting.run(.integer(insertion.insertedID - limit))
  }
}
