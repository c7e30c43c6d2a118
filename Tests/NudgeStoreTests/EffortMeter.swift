import GRDBSQLite
import NudgeDomain
import Synchronization

@testable import NudgeStore

/// What SQLite did for a verb, by its own counters: the same on every machine, however busy that is.
struct Effort: Hashable, Sendable {
  /// Statements that ran to their end.
  var statements = 0
  /// Instructions of SQLite's virtual machine.
  var instructions = 0
  /// Steps along a table without an index.
  var scans = 0
  /// Sorts, and indexes that were made for one query.
  var sorts = 0
  /// Pages that the commit wrote into the log.
  var pages = 0
}

/// Reads the counters of each statement when it ends.
final class EffortMeter: Sendable {
  private let effort = Mutex(Effort())

  /// What the verb takes, its commit's pages included.
  static func effort(
    in world: World, of verb: @escaping @Sendable (Session) throws(StoreError) -> Void
  ) async throws -> Effort {
    let writer = world.store.writer
    let before = try await writer.perform { (session) throws(StoreError) in session.log.pages }
    var effort = try await writer.perform { (session) throws(StoreError) in
      let meter = EffortMeter()
      meter.watch(session.connection)
      defer { meter.unwatch(session.connection) }
      try verb(session)
      return meter.effort.withLock { $0 }
    }
    let after = try await writer.perform { (session) throws(StoreError) in session.log.pages }
    effort.pages = Int(after - before)
    return effort
  }

  private func watch(_ connection: OpaquePointer) {
    forget(connection)
    sqlite3_trace_v2(
      connection, UInt32(SQLITE_TRACE_PROFILE),
      { _, meter, statement, _ in
        guard let meter, let statement else { return SQLITE_OK }
        Unmanaged<EffortMeter>.fromOpaque(meter).takeUnretainedValue().note(OpaquePointer(statement))
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Sets the counters of all prepared statements back: they have counted since they were prepared.
  private func forget(_ connection: OpaquePointer) {
    var statement = sqlite3_next_stmt(connection, nil)
    while let one = statement {
      for counter in Self.counters { _ = sqlite3_stmt_status(one, counter, 1) }
      statement = sqlite3_next_stmt(connection, one)
    }
  }

  private static let counters = [
    SQLITE_STMTSTATUS_VM_STEP, SQLITE_STMTSTATUS_FULLSCAN_STEP, SQLITE_STMTSTATUS_SORT, SQLITE_STMTSTATUS_AUTOINDEX,
  ]

  private func unwatch(_ connection: OpaquePointer) {
    sqlite3_trace_v2(connection, 0, nil, nil)
  }

  private func note(_ statement: OpaquePointer) {
    func counter(_ name: Int32) -> Int { Int(sqlite3_stmt_status(statement, name, 1)) }
    effort.withLock { effort in
      effort.statements += 1
      effort.instructions += counter(SQLITE_STMTSTATUS_VM_STEP)
      effort.scans += counter(SQLITE_STMTSTATUS_FULLSCAN_STEP)
      effort.sorts += counter(SQLITE_STMTSTATUS_SORT) + counter(SQLITE_STMTSTATUS_AUTOINDEX)
    }
  }
}
