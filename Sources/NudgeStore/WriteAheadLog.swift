import GRDBSQLite

/// How long the write-ahead log is, and when it goes into the database file: between groups, never inside a commit.
final class WriteAheadLog {
  struct Limits: Sendable {
    /// From here on what readers do not need is copied into the database file.
    var checkpointPages: Int32
    /// From here on the log is cut as well, if no reader is in the way.
    var truncatePages: Int32

    /// 256 MiB and 1 GiB. Long, because a page that changes often is copied once for each checkpoint: a quarter of it
    /// made a hundred thousand events with random ids take a quarter longer, and one in a hundred wait 50 ms, not 6.
    static let standard = Limits(checkpointPages: 65_536, truncatePages: 262_144)
  }

  private let connection: OpaquePointer
  private let limits: Limits
  /// What the hook was told after the latest commit.
  private let told: UnsafeMutablePointer<Int32>
  private var longest: Int32 = 0
  private var nextCheckpoint: Int32
  private(set) var checkpoints = 0

  init(_ connection: OpaquePointer, limits: Limits) {
    self.connection = connection
    self.limits = limits
    nextCheckpoint = limits.checkpointPages
    told = .allocate(capacity: 1)
    told.initialize(to: 0)
    // Takes the place of SQLite's own automatic checkpoints.
    sqlite3_wal_hook(
      connection,
      { told, _, _, pages in
        told?.assumingMemoryBound(to: Int32.self).pointee = pages
        return SQLITE_OK
      }, told)
  }

  deinit {
    sqlite3_wal_hook(connection, nil, nil)
    told.deallocate()
  }

  var pages: Int32 { told.pointee }

  /// Checkpoints if the log is long. A reader can keep it from shrinking: then it is tried again a quarter later.
  func checkpointIfLong() throws(StoreError) {
    if pages < longest { nextCheckpoint = limits.checkpointPages }
    longest = pages
    guard pages >= nextCheckpoint else { return }
    checkpoints += 1
    nextCheckpoint = pages + limits.checkpointPages / 4
    try checkpoint(pages >= limits.truncatePages ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE)
  }

  private func checkpoint(_ mode: Int32) throws(StoreError) {
    sqlite3_busy_timeout(connection, 0)  // verbs wait behind this: never for a reader
    defer { sqlite3_busy_timeout(connection, Opening.busyTimeoutMilliseconds) }
    let code = sqlite3_wal_checkpoint_v2(connection, nil, mode, nil, nil)
    switch code & 0xff {
    case SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL: return
    default: throw StoreError(code: code, connection: connection)
    }
  }
}
