import CDiskShim
import Foundation
import GRDB
import GRDBSQLite
import NudgeDomain
import Testing

@testable import NudgeStore

/// The VFS that gathers what goes into the log, looked at from below.
@Suite("The gathering of the log", .serialized) struct GatheringTests {
  /// Events of one commit, each with an address of its own: enough pages for several writes.
  private static let events = 512
  /// What SQLite's unix VFS writes in one call, in pages with their headers.
  private static let pagesInOne = 31

  @Test("a commit goes to the log in few writes, all of them before its sync")
  func few() async throws {
    try await Disk.with { disk in
      let store = try Store(path: disk.path, now: Moment(milliseconds: 0))
      try await Self.record(on: store, seed: 0)
      let before = try await Self.pages(of: store)
      disk.record()
      try await Self.record(on: store, seed: 1)
      let pages = try await Self.pages(of: store) - before
      let kinds = (0..<disk.position).map { disk.operation($0) }.filter { disk.name(of: $0).hasSuffix("-wal") }
        .map(\.kind)
      let writes = kinds.count { $0 == DISK_SHIM_WRITE }
      #expect(
        pages > 2 * Self.pagesInOne && writes <= pages / Self.pagesInOne + 2, "\(writes) writes of \(pages) pages")
      #expect(kinds.last == DISK_SHIM_SYNC && kinds.count { $0 == DISK_SHIM_SYNC } == 1)
      await store.close()
      #expect(try await Self.rows(disk.path) == 2 * Self.events)
    }
  }

  @Test("a transaction that outgrows the cache reads its own pages back")
  func spilled() async throws {
    try await Disk.with { disk in
      let store = try Store(path: disk.path, now: Moment(milliseconds: 0))
      try await store.writer.perform { (session) throws(StoreError) in
        try Schema.execute(session.connection, "PRAGMA cache_size = 10")
      }
      for seed in 0..<4 { try await Self.record(on: store, seed: seed) }
      await store.close()
      #expect(try await Self.rows(disk.path) == 4 * Self.events)
    }
  }

  @Test("a disk that is full at the last moment undoes the commit, and nothing else")
  func full() async throws {
    try await Disk.with { disk in
      let store = try Store(path: disk.path, now: Moment(milliseconds: 0))
      try await Self.record(on: store, seed: 0)
      disk.arm(.init(kinds: DISK_SHIM_WRITE, nth: 2, for_good: false, code: SQLITE_FULL, is_partial: true))
      await #expect(throws: StoreError.full) { try await Self.record(on: store, seed: 1) }
      #expect(disk.injected == 1)
      try await Self.record(on: store, seed: 2)
      await store.close()
      #expect(try await Self.rows(disk.path) == 2 * Self.events)
    }
  }

  private static func record(on store: Store, seed: Int) async throws {
    let events = (0..<events).map { number in
      let id = "\((number * 7_919 + seed) % 100_003)-\(seed)"
      return ShopEvent.checkout(
        CheckoutChange(
          key: CheckoutKey(shop: "default", id: id), email: "\(id)@example.com", occurredAt: Moment(milliseconds: 0),
          content: String(repeating: "x", count: 300)))
    }
    let results = try await store.record(events, policies: Policies(), now: Moment(milliseconds: 1))
    for result in results { _ = try result.get() }
  }

  private static func pages(of store: Store) async throws -> Int {
    try await store.writer.perform { (session) throws(StoreError) in Int(session.log.pages) }
  }

  /// The checkouts in a sound database.
  private static func rows(_ path: String) async throws -> Int {
    let database = try DatabaseQueue(path: path)
    defer { try? database.close() }  // it was only read
    return try await database.read { database in
      #expect(try String.fetchOne(database, sql: "PRAGMA integrity_check") == "ok")
      return try Int.fetchOne(database, sql: "SELECT count(*) FROM checkout") ?? -1
    }
  }
}
