import GRDB
import GRDBSQLite
package import NudgeDomain

/// Why the store did not do what it was asked. Nothing of the verb was written, except after `unavailable`.
package enum StoreError: Error, Hashable, Sendable {
  /// There is no such message.
  case notFound
  /// The verb is not for a message in that state; the reason says why it is in it, or why it would be.
  case wrongState(Message.State, Reason)
  /// The disk is full. The same verb works again when there is room.
  case full
  /// Another program holds a lock on the database. The same verb works again when it is gone.
  case busy
  /// Reading or writing the file failed, or whether a commit is on disk is unknown. The store takes no more verbs: the
  /// process must end, and the next one learns from the disk what is there.
  case unavailable(String)
  /// The database was written by a newer version of this program.
  case newerSchema(found: Int, known: Int)
  /// There is no usable database at the path.
  case cannotOpen(String)
  /// This verb alone failed.
  case failed(String)
}

extension StoreError {
  /// What an error code of SQLite means for whoever asked.
  init(code: Int32, message: String) {
    switch code & Self.primaryCode {
    case SQLITE_FULL: self = .full
    case SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_READONLY, SQLITE_CANTOPEN:
      self = .unavailable("SQLite error \(code): \(message)")
    // PROTOCOL: a transaction could not begin, because somebody held the locks of the log's index for seconds.
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: self = .busy
    default: self = .failed("SQLite error \(code): \(message)")
    }
  }

  init(code: Int32, connection: OpaquePointer) {
    self.init(
      code: sqlite3_extended_errcode(connection) == 0 ? code : sqlite3_extended_errcode(connection),
      message: String(cString: sqlite3_errmsg(connection)))
  }

  init(_ error: any Error) {
    switch error {
    case let error as StoreError: self = error
    case let error as DatabaseError:
      self.init(code: error.extendedResultCode.rawValue, message: error.message ?? "no message")
    case is CancellationError: self = .failed("cancelled")
    default: self = .failed("\(error)")
    }
  }

  /// SQLite's extended codes keep the plain one in their lowest byte.
  private static let primaryCode: Int32 = 0xff

  /// True if the transaction that met it cannot be saved by leaving out one verb.
  var concernsAll: Bool {
    switch self {
    case .full, .busy, .unavailable: true
    case .notFound, .wrongState, .newerSchema, .cannotOpen, .failed: false
    }
  }
}
