import GRDBSQLite

/// A look into the database file from outside, past the faults of the simulated disk: it sees what is committed.
final class Peek: Sendable {
  struct Failure: Error {
    var text: String
  }

  nonisolated(unsafe) private var connection: OpaquePointer?
  nonisolated(unsafe) private var prepared: [String: OpaquePointer] = [:]

  init(_ path: String) throws(Failure) {
    let code = sqlite3_open_v2(path, &connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, "unix")
    guard code == SQLITE_OK else { throw Failure(text: "the database cannot be looked into: \(code)") }
  }

  func close() {
    for statement in prepared.values { sqlite3_finalize(statement) }
    prepared = [:]
    sqlite3_close_v2(connection)
    connection = nil
  }

  /// All rows of a query as `read` sees them.
  func all<T>(_ sql: String, _ value: Int64? = nil, read: (Row) -> T) -> [T] {
    guard let statement = statement(sql) else { return [] }
    defer { sqlite3_reset(statement) }
    if let value { sqlite3_bind_int64(statement, 1, value) }
    var rows: [T] = []
    while sqlite3_step(statement) == SQLITE_ROW { rows.append(read(Row(statement: statement))) }
    return rows
  }

  func number(_ sql: String, _ value: Int64? = nil) -> Int64 { all(sql, value) { $0.integer(0) }.first ?? 0 }

  private func statement(_ sql: String) -> OpaquePointer? {
    if let known = prepared[sql] { return known }
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else { return nil }
    prepared[sql] = statement
    return statement
  }

  struct Row {
    fileprivate let statement: OpaquePointer

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func number(_ column: Int32) -> Int64? {
      sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : integer(column)
    }
    func text(_ column: Int32) -> String? { sqlite3_column_text(statement, column).map { String(cString: $0) } }
    func word(_ column: Int32) -> String { text(column) ?? "" }
  }
}
