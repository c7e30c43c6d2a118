import Foundation
import GRDB
import NudgeDomain
import Synchronization
import TestKit
import Testing

@testable import NudgeStore

@Suite("Durability") struct DurabilityTests {
  @Test("what was answered is in the files, also for who comes after a crash")
  func crash() async throws {
    try await withWorld { world in
      for number in 0..<20 { try await world.checkout("c-\(number)", email: "\(number)@example.com") }
      try await world.order(checkoutID: "c-3", at: 1)
      let claims = try await world.claim(at: 30).claims
      #expect(claims.count == 20)
      // The files as a crash would leave them. Another program copies them: closing them here would drop SQLite's locks.
      let path = world.path
      let copied = try await Program.run(
        URL(filePath: "/bin/sh"), ["-c", "mkdir '\(path).crash' && cp '\(path)' '\(path)-wal' '\(path).crash/'"])
      #expect(copied.status == 0, "\(copied.errorText)")
      let after = World(path: "\(path).crash/nudged.db", store: try Store(path: "\(path).crash/nudged.db", now: at(40)))
      let summary = try await after.store.summary(now: at(40))
      #expect(summary.checkoutsOpen == 19 && summary.messagesSending == 20)
      #expect(try await after.store.resolveInterrupted(policies: world.policies, now: at(40), jitter: 0) == 20)
      #expect(try await after.claim(at: 41).claims.map(\.kind) == [.order])
      await after.store.close()
    }
  }

  @Test("a full disk refuses with a clear error, loses nothing, and goes on when there is room")
  func full() async throws {
    let news = Mutex<[StoreNews]>([])
    try await withWorld { world in
      world.store.onNews { told in news.withLock { $0.append(told) } }
      try await world.checkout("c-1")
      try await world.store.writer.perform { (session) throws(StoreError) in
        try session.execute("PRAGMA max_page_count = 1")  // SQLite takes the size that the file has
      }
      let filled = world
      await #expect(throws: StoreError.full) {
        try await filled.checkout("c-2", content: String(repeating: "x", count: 100_000))
      }
      #expect(world.store.failure == nil && news.withLock { $0 } == [.hindered(.full)])
      try await world.store.writer.perform { (session) throws(StoreError) in
        try session.execute("PRAGMA max_page_count = 1000000")
      }
      #expect(try await world.checkout("c-2", content: String(repeating: "x", count: 100_000)).changed)
      try await world.expectTrueTally()
    }
  }

  @Test("an I/O error ends the store: nothing is acknowledged after it, and what was acknowledged is there")
  func failure() async {
    await #expect(processExitsWith: .success) {
      try await withTemporaryFolder { folder in
        let path = folder.appending(path: "nudged.db").path
        let world = World(path: path, store: try Store(path: path, now: at(0)))
        let reports = Mutex<[StoreError]>([])
        world.store.onFailure { error in reports.withLock { $0.append(error) } }
        limitFileSize(to: 1_000_000)
        var acknowledged = 0
        let error = await #expect(throws: StoreError.self) {
          while true {
            try await world.checkout("c-\(acknowledged)", email: "\(acknowledged)@example.com")
            acknowledged += 1
          }
        }
        let ended = try #require(error)
        guard case .unavailable = ended else { throw ended }
        #expect(acknowledged > 10 && world.store.failure == ended && reports.withLock { $0 } == [ended])
        await #expect(throws: ended) { try await world.claim(at: 30) }
        limitFileSize(to: nil)
        await #expect(throws: ended) { try await world.order(at: 30) }
        await world.store.close()
        let next = try Store(path: path, now: at(0))
        #expect(try await next.summary(now: at(0)).checkoutsOpen == acknowledged)
        await next.close()
      }
    }
  }

  @Test("the log is checkpointed between groups, and stays short")
  func checkpoints() async throws {
    let limits = WriteAheadLog.Limits(checkpointPages: 40, truncatePages: 400)
    try await withWorld(limits: limits) { world in
      var longest: Int64 = 0
      for number in 0..<300 {
        try await world.checkout("c-\(number)", email: "\(number)@example.com")
        longest = max(longest, try await world.store.summary(now: at(0)).walBytes)
      }
      #expect(longest > 40 * 4_096 && longest < 120 * 4_096, "\(longest)")
    }
  }

  @Test("a reader in the way lets the log grow, which is said once, and it is cut when the reader is gone")
  func truncation() async throws {
    let limits = WriteAheadLog.Limits(checkpointPages: 40, truncatePages: 80, cutPatienceMilliseconds: 0)
    let news = Mutex<[StoreNews]>([])
    try await withWorld(limits: limits) { world in
      world.store.onNews { told in news.withLock { $0.append(told) } }
      try await world.checkout("first")
      var configuration = Configuration()
      configuration.readonly = true
      configuration.allowsUnsafeTransactions = true
      let reader = try DatabaseQueue(path: world.path, configuration: configuration)
      try await reader.writeWithoutTransaction { database in
        try database.execute(sql: "BEGIN")
        _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM checkout")
      }
      for number in 0..<60 { try await world.checkout("c-\(number)", email: "\(number)@example.com") }
      #expect(try await world.store.summary(now: at(0)).walBytes > 200 * 4_096)
      try await reader.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
      try reader.close()
      for number in 60..<80 { try await world.checkout("c-\(number)", email: "\(number)@example.com") }
      #expect(try await world.store.summary(now: at(0)).walBytes < 120 * 4_096)
    }
    let told = news.withLock { $0 }
    guard case .logGrows(let bytes) = told.first else { return #expect(Bool(false), "\(told)") }
    #expect(bytes >= 80 * 4_096 && bytes < 200 * 4_096 && Array(told.dropFirst()) == [.logIsShort])
  }

  @Test("readers that overlap all the time do not keep the log from being cut")
  func overlappingReaders() async throws {
    let limits = WriteAheadLog.Limits(checkpointPages: 40, truncatePages: 80)
    try await withWorld(limits: limits) { world in
      try await withThrowingTaskGroup(of: Void.self) { group in
        let isOver = Flag()
        let path = world.path
        for _ in 0..<2 {
          group.addTask { try await Self.readAgainAndAgain(path, until: isOver) }
        }
        for number in 0..<200 { try await world.checkout("c-\(number)", email: "\(number)@example.com") }
        isOver.value.store(true, ordering: .relaxed)
        try await group.waitForAll()
      }
      #expect(try await world.store.summary(now: at(0)).walBytes < 240 * 4_096)
    }
  }

  /// Each read begins before the other reader's ends: it holds its snapshot over some steps of a slow question.
  private static func readAgainAndAgain(_ path: String, until isOver: Flag) async throws {
    var configuration = Configuration()
    configuration.readonly = true
    let reader = try DatabaseQueue(path: path, configuration: configuration)
    let question = """
      WITH RECURSIVE n(i) AS (SELECT count(*) FROM checkout UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
      SELECT max(i) FROM n
      """
    while !isOver.value.load(ordering: .relaxed) { _ = try await reader.read { try Int.fetchOne($0, sql: question) } }
    try reader.close()
  }
}

private final class Flag: Sendable {
  let value = Atomic(false)
}

/// Makes writes beyond that many bytes of a file fail, for this process: an I/O error that SQLite really meets.
private func limitFileSize(to bytes: UInt?) {
  signal(SIGXFSZ, SIG_IGN)
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
  limit.rlim_cur = bytes ?? limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
}
