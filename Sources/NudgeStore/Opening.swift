import Foundation
import GRDB
import GRDBSQLite
import NudgeDomain

/// Opens the database file, with the settings that the promises rest on.
enum Opening {
  /// How long a verb waits for a lock that another program holds.
  static let busyTimeoutMilliseconds: Int32 = 5_000
  private static let cacheKibibytes = 32_768
  private static let readers = 4
  /// What `PRAGMA synchronous` answers for FULL: a commit is on disk when it returns.
  private static let synchronousFull: Int64 = 2

  static func writer(path: String) throws(StoreError) -> DatabaseQueue {
    var configuration = Configuration()
    configuration.label = "nudged.writer"
    configuration.busyMode = .timeout(Double(busyTimeoutMilliseconds) / 1_000)
    makeFile(path: path)
    SQLiteSettings.make()
    do {
      let queue = try DatabaseQueue(path: address(path), configuration: configuration)
      try queue.writeWithoutTransaction { database in
        guard let connection = database.sqliteConnection else { throw StoreError.cannotOpen("closed") }
        try configure(connection)
        try Schema.migrate(connection)
        try assertSettings(connection)
      }
      return queue
    } catch {
      throw whyNot(error)
    }
  }

  /// The file as SQLite is told it, with the VFS that gathers what goes into the log.
  static func address(_ path: String) -> String {
    let plain = path.addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: "%?#").inverted) ?? path
    return "file:\(plain)?vfs=\(SQLiteSettings.gathering)"
  }

  /// Makes the file, if there is none, for its owner and group only: shoppers' addresses are in it, and SQLite's own files
  /// beside it take its mode. If that fails, opening says why.
  private static func makeFile(path: String) {
    let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, fileMode)
    if descriptor >= 0 { close(descriptor) }
  }

  static let fileMode: mode_t = 0o640

  static func readers(path: String) throws(StoreError) -> DatabasePool {
    var configuration = Configuration()
    configuration.label = "nudged.reader"
    configuration.readonly = true
    configuration.maximumReaderCount = readers
    configuration.prepareDatabase { $0.add(function: .emailKey) }
    do {
      return try DatabasePool(path: path, configuration: configuration)
    } catch {
      throw whyNot(error)
    }
  }

  /// After GRDB has opened, because it has settings of its own.
  private static func configure(_ connection: OpaquePointer) throws(StoreError) {
    try Schema.execute(connection, "PRAGMA journal_mode = WAL")
    try Schema.execute(connection, "PRAGMA synchronous = FULL")
    try Schema.execute(connection, "PRAGMA foreign_keys = ON")
    try Schema.execute(connection, "PRAGMA wal_autocheckpoint = 0")
    try Schema.execute(connection, "PRAGMA cache_size = -\(cacheKibibytes)")
  }

  private static func assertSettings(_ connection: OpaquePointer) throws(StoreError) {
    let mode = try Statement(connection, "PRAGMA journal_mode").first { $0.text(0) }
    let synchronous = try Statement(connection, "PRAGMA synchronous").first { $0.integer(0) }
    let foreignKeys = try Statement(connection, "PRAGMA foreign_keys").first { $0.flag(0) }
    guard mode == "wal", synchronous == synchronousFull, foreignKeys == true else {
      throw .cannotOpen(
        "SQLite refused a setting: journal_mode \(mode ?? "-"), synchronous \(synchronous ?? -1), foreign_keys \(foreignKeys ?? false)"
      )
    }
  }

  /// What went wrong while the database was being opened: nothing was asked of it yet, so nothing is in doubt.
  static func whyNot(_ error: any Error) -> StoreError {
    switch StoreError(error) {
    case .newerSchema(let found, let known): .newerSchema(found: found, known: known)
    case .cannotOpen(let why), .unavailable(let why), .failed(let why): .cannotOpen(why)
    case .full: .cannotOpen("the disk is full")
    case .busy: .cannotOpen("another program holds a lock on it")
    case .notFound, .wrongState: .cannotOpen("\(error)")
    }
  }
}
