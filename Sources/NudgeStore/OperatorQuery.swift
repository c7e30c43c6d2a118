import GRDB
import NudgeDomain

extension OperatorRecord {
  /// What operators did to each of these messages.
  static func fetch(_ database: Database, messages: [Int64]) throws -> [Int64: [OperatorRecord]] {
    let sql = """
      SELECT * FROM operator_action
      WHERE message IS NOT NULL AND message IN (\(databaseQuestionMarks(count: messages.count))) ORDER BY message, id
      """
    let rows = try Row.fetchAll(database, sql: sql, arguments: StatementArguments(messages))
    return Dictionary(grouping: rows) { $0["message"] as Int64 }.mapValues { $0.compactMap(OperatorRecord.init) }
  }

  /// Nil for an action that only a newer version knows.
  private init?(_ row: Row) {
    guard let verb = OperatorVerb(rawValue: row["action"]) else { return nil }
    let action = OperatorAction(verb, message: row["message"], target: row["target"], result: row["result"])
    self.init(at: Moment(milliseconds: row["at"]), who: Operator(row), action: action)
  }
}

extension Operator {
  fileprivate init?(_ row: Row) {
    guard let uid = row["uid"] as UInt32? else { return nil }
    self.init(uid: uid, gid: row["gid"], pid: row["pid"], name: row["user_name"])
  }
}
