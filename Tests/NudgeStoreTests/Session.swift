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

  func setBusyTimeout(milliseconds: Int32) {
    sqlite3_busy_timeout(connection, milliseconds)
  }
}
