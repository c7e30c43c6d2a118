import CDiskShim
import GRDBSQLite

/// A connection to a database file through SQLite's own VFS, past the shim and the product.
final class Eye {
  enum Access { case look, change, make }

  private let connection: OpaquePointer

  init(path: String, access: Access) throws {
    var connection: OpaquePointer?
    let flags =
      switch access {
      case .look: SQLITE_OPEN_READONLY
      case .change: SQLITE_OPEN_READWRITE
      case .make: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    let code = sqlite3_open_v2("file:\(path)", &connection, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, "unix")
    guard code == SQLITE_OK, let connection else {
      sqlite3_close_v2(connection)
      throw Fault("\(path) was not opened: \(code)")
    }
    self.connection = connection
  }

  func close() { sqlite3_close_v2(connection) }

  func execute(_ sql: String) throws {
    guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
  }

  /// The first column of each row. A `?1` is the number.
  func rows(_ sql: String, _ number: Int = 0) throws -> [String] {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else { throw failure(sql) }
    defer { sqlite3_finalize(statement) }
    if sqlite3_bind_parameter_count(statement) > 0 { sqlite3_bind_int64(statement, 1, Int64(number)) }
    var rows: [String] = []
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: rows.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "NULL")
      case SQLITE_DONE: return rows
      default: throw failure(sql)
      }
    }
  }

  /// A hash of all pages as a transaction sees them.
  func digest() throws -> UInt64 {
    var size: sqlite3_int64 = 0
    guard let bytes = sqlite3_serialize(connection, "main", &size, 0) else { throw failure("serialize") }
    defer { sqlite3_free(bytes) }
    return disk_shim_hash(bytes, Int(size), 0)
  }

  private func failure(_ sql: String) -> Fault {
    Fault("\(sql.prefix(60)): \(String(cString: sqlite3_errmsg(connection)))")
  }
}
