import GRDBSQLite
import NudgeDomain

@testable import NudgeStore

/// What tests ask of the writer's own connection.
extension Session {
  func execute(_ sql: String) throws(StoreError) {
    try Schema.execute(connection, sql)
  }

  func setting(_ name: String) throws(StoreError) -> Int64 {
    try Statement(connection, "PRAGMA \(name)").first { $0.integer(0) } ?? -1
  }

  /// What each prepared statement does, in the words of SQLite's virtual machine.
  func plans() -> [(sql: String, opcodes: [String])] {
    var plans: [(sql: String, opcodes: [String])] = []
    var statement = sqlite3_next_stmt(connection, nil)
    while let one = statement {
      let sql = sqlite3_sql(one).map { String(cString: $0) } ?? ""
      statement = sqlite3_next_stmt(connection, one)
      plans.append((sql, opcodes(of: sql)))
    }
    return plans
  }

  /// Its parameters are bound to nothing: that does not matter to how it goes about it.
  private func opcodes(of sql: String) -> [String] {
    var (explanation, opcodes): (OpaquePointer?, [String]) = (nil, [])
    sqlite3_prepare_v2(connection, "EXPLAIN \(sql)", -1, &explanation, nil)
    defer { sqlite3_finalize(explanation) }
    while sqlite3_step(explanation) == SQLITE_ROW {
      opcodes.append(sqlite3_column_text(explanation, 1).map { String(cString: $0) } ?? "")
    }
    return opcodes
  }

  func setBusyTimeout(milliseconds: Int32) {
    sqlite3_busy_timeout(connection, milliseconds)
  }
}
