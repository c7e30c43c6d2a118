import GRDBSQLite

/// How long the write-ahead log is, and when it goes into the database file: between groups, never inside a commit.
final class WriteAheadLog {
  struct Limits: Sendable {
    /// From here on what readers do not need is copied into the database file.
    var checkpointPages: Int32
    /// From here on the log is cut as well, if no reader is in the way.
    var truncatePages: Int32
    /// How long verbs wait for readers when the log is to be cut. That is possible only at a moment when nobody reads from
    /// it, and if readers overlap all the time there is none by itself: then it would grow for ever.
    var cutPatienceMilliseconds: Int32 = 500

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
  /// A reader keeps the log from shrinking, though it is longer than it may be for long.
  private var isKept = false
  /// The log may be so many times as long as where it is first copied, before that is news.
  private static let longTimes: Int32 = 2

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
  ///
  /// - Returns: what is new about its length.
  func checkpointIfLong() throws(StoreError) -> StoreNews? {
    if pages < longest { nextCheckpoint = limits.checkpointPages }
    let isCut = pages < longest
    longest = pages
    if isCut, isKept {
      isKept = false
      return .logIsShort
    }
    guard pages >= nextCheckpoint else { return nil }
    checkpoints += 1
    nextCheckpoint = pages + limits.checkpointPages / 4
    let isWhole = try checkpoint(
      pages >= limits.truncatePages ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE)
    guard !isWhole, !isKept, pages >= Self.longTimes * limits.checkpointPages else { return nil }
    isKept = true
    return .logGrows(bytes: Int64(pages) * pageBytes)
  }

  private var pageBytes: Int64 {
    (try? Statement(connection, "PRAGMA page_size").first { $0.integer(0) }) ?? 0  // for the log alone
  }

  /// False if a reader needs a part of the log.
  private func checkpoint(_ mode: Int32) throws(StoreError) -> Bool {
    // Verbs wait behind this: for a reader only if the log has become too long.
    sqlite3_busy_timeout(connection, mode == SQLITE_CHECKPOINT_TRUNCATE ? limits.cutPatienceMilliseconds : 0)
    defer { sqlite3_busy_timeout(connection, Opening.busyTimeoutMilliseconds) }
    var (length, copied): (Int32, Int32) = (0, 0)
    let code = sqlite3_wal_checkpoint_v2(connection, nil, mode, &length, &copied)
    switch code & 0xff {
    case SQLITE_OK: return copied >= length
    case SQLITE_FULL: return true  // nobody is in the way
    case SQLITE_BUSY, SQLITE_LOCKED: return false
    default: throw StoreError(code: code, connection: connection)
    }
  }
}
