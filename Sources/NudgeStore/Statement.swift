import GRDBSQLite
import NudgeDomain

/// What a statement is given for a question mark.
enum Value {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)

  fileprivate var textBytes: Int { if case .text(let text) = self { text.utf8.count } else { 0 } }

  static func integer(_ value: Int) -> Value { .integer(Int64(value)) }
  static func integer(_ value: Int64?) -> Value { value.map { .integer($0) } ?? .null }
  static func text(_ value: String?) -> Value { value.map { .text($0) } ?? .null }
  static func flag(_ value: Bool) -> Value { .integer(value ? 1 : 0) }
  static func moment(_ value: Moment) -> Value { .integer(value.milliseconds) }
  static func moment(_ value: Moment?) -> Value { .integer(value?.milliseconds) }
}

/// A prepared statement of the writer's connection, compiled once and run many times.
///
/// It goes to SQLite directly, because a statement through GRDB costs a verb about as much again as its work in SQLite.
final class Statement {
  private let connection: OpaquePointer
  private let handle: OpaquePointer
  /// The texts of the latest run, which SQLite reads here: it need not allocate a copy of each.
  private var texts = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 1)
  /// Enough for nearly every event.
  private static let usualTextBytes = 4_096

  init(_ connection: OpaquePointer, _ sql: String) throws(StoreError) {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let handle else {
      texts.deallocate()
      throw StoreError(code: code, connection: connection)
    }
    self.connection = connection
    self.handle = handle
  }

  deinit {
    sqlite3_finalize(handle)
    texts.deallocate()
  }

  /// Runs the statement to its end.
  func run(_ values: Value...) throws(StoreError) {
    try bind(values)
    defer { sqlite3_reset(handle) }
    while try step() {}
  }

  /// The first row as `read` sees it; nil if there is none.
  func first<T>(_ values: Value..., read: (Columns) -> T) throws(StoreError) -> T? {
    try bind(values)
    defer { sqlite3_reset(handle) }
    return try step() ? read(Columns(handle: handle)) : nil
  }

  /// All rows as `read` sees them.
  func all<T>(_ values: Value..., read: (Columns) -> T) throws(StoreError) -> [T] {
    try bind(values)
    defer { sqlite3_reset(handle) }
    var rows: [T] = []
    while try step() { rows.append(read(Columns(handle: handle))) }
    return rows
  }

  /// The rowid of the row that the latest INSERT made.
  var insertedID: Int64 { sqlite3_last_insert_rowid(connection) }

  private func step() throws(StoreError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw StoreError(code: code, connection: connection)
    }
  }

  private func bind(_ values: [Value]) throws(StoreError) {
    assert(values.count == sqlite3_bind_parameter_count(handle), "a value for each question mark")
    makeRoom(forTexts: values.reduce(0) { $0 + $1.textBytes })
    var used = 0
    for (index, value) in values.enumerated() {
      let code = bind(value, at: Int32(index + 1), &used)
      guard code == SQLITE_OK else { throw StoreError(code: code, connection: connection) }
    }
  }

  /// Room beyond the usual is not kept for longer than a run.
  private func makeRoom(forTexts bytes: Int) {
    let wanted = max(bytes, Self.usualTextBytes)
    guard bytes > 0, wanted != texts.count else { return }
    texts.deallocate()
    texts = .allocate(capacity: wanted)
  }

  /// - Parameter used: how much of `texts` is in use.
  private func bind(_ value: Value, at index: Int32, _ used: inout Int) -> Int32 {
    switch value {
    case .null: return sqlite3_bind_null(handle, index)
    case .integer(let integer): return sqlite3_bind_int64(handle, index, integer)
    case .real(let number): return sqlite3_bind_double(handle, index, number)
    case .text(var text):
      let copy = UnsafeMutableBufferPointer(rebasing: texts[used...])
      let count = text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { copy.update(fromContentsOf: $0) }
      }
      used += count
      return sqlite3_bind_text(handle, index, copy.baseAddress, Int32(count), nil)
    }
  }
}

/// The columns of the row that a statement stands on, from 0.
struct Columns {
  fileprivate let handle: OpaquePointer

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
  func int(_ column: Int32) -> Int { Int(integer(column)) }
  func flag(_ column: Int32) -> Bool { integer(column) != 0 }
  func moment(_ column: Int32) -> Moment { Moment(milliseconds: integer(column)) }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
  func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }
  func optionalMoment(_ column: Int32) -> Moment? { isNull(column) ? nil : moment(column) }
  func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  func text(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(handle, column) else { return "" }
    return String(
      decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))), as: UTF8.self)
  }

  /// A reason that only a newer version knows reads as `unknown`: the schema leaves that list open.
  func reason(_ column: Int32) -> Reason { Reason(rawValue: text(column)) ?? .unknown }

  /// A word of a closed list that the schema keeps other words out of.
  func word<T: RawRepresentable<String>>(_ column: Int32) -> T {
    let word = text(column)
    guard let value = T(rawValue: word) else { preconditionFailure("the database holds an unknown word: \(word)") }
    return value
  }
}
