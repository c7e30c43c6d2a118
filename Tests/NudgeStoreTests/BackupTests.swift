import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeStore

@Suite("Backup and restore") struct BackupTests {
  @Test("a copy is one file with a mark, is sound, and tells how much is in it")
  func copies() async throws {
    try await withWorld { world in
      try await fill(world)
      let path = world.path + ".copy"
      let copy = try await world.store.backup(to: path, now: at(40))
      #expect(copy.copiedAt == at(40) && copy.report.copiedAt == at(40))
      #expect(copy.report.rows["checkout"] == 20 && copy.report.rows["attempt"] == 3)
      #expect(copy.bytes == (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64))
      #expect(try CopyCheck.look(at: path) == copy.report)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect((mode ?? 0o777) & 0o137 == 0)
      let files = try FileManager.default.contentsOfDirectory(
        atPath: URL(filePath: path).deletingLastPathComponent().path)
      #expect(files.filter { $0.contains(".copy") } == ["nudged.db.copy"])
    }
  }

  @Test("a copy has a name of its own, so that ids of the two never meet; one of a waiting copy stays as old as that")
  func names() async throws {
    try await withWorld { world in
      try await world.checkout()
      let (first, second) = (world.path + ".1", world.path + ".2")
      _ = try await world.store.backup(to: first, now: at(1))
      let store = try Store(path: first, now: at(5))
      #expect(try await store.backup(to: second, now: at(5)).report.copiedAt == at(1))
      await store.close()
      let instances = try await [world.path, first, second].asyncMap { path in
        try await World(path: path, store: world.store).rows("SELECT value FROM meta WHERE name = 'instance'")
      }
      #expect(Set(instances).count == 3)
    }
  }

  @Test("while one copies, events are taken; the copy is of one moment, and whole")
  func busy() async throws {
    try await withWorld { world in
      for number in 0..<300 { try await world.checkout("c-\(number)", email: "\(number)@example.com") }
      let (path, writing) = (world.path + ".copy", world)
      async let copy = world.store.backup(to: path, now: at(1))
      async let written: Int = {
        for number in 300..<600 { try await writing.checkout("c-\(number)", email: "\(number)@example.com") }
        return 300
      }()
      let rows = try await copy.report.rows
      #expect(try await written == 300)
      #expect((300...600).contains(rows["checkout"] ?? 0) && rows["checkout"] == rows["message"])
      #expect(try await world.store.summary(now: at(1)).checkoutsOpen == 600)
    }
  }

  @Test("what is no sound database is called so", arguments: ["text", "row", "reference", "tally", "newer", "nothing"])
  func unsound(harm: String) async throws {
    try await withWorld { world in
      try await fill(world)
      let path = world.path + ".copy"
      _ = try await world.store.backup(to: path, now: at(40))
      switch harm {
      case "text": try Data("no database at all, but a text of some length".utf8).write(to: URL(filePath: path))
      case "nothing": try Data().write(to: URL(filePath: path))
      case "row": try damage(path)
      case "reference":
        try await change(path, "PRAGMA foreign_keys = OFF; UPDATE message SET checkout = 999 WHERE id = 5")
      case "tally": try await change(path, "UPDATE tally SET value = value + 1 WHERE name = 'messages_sent'")
      default: try await change(path, "PRAGMA user_version = 999")
      }
      #expect(throws: StoreError.self) { try CopyCheck.look(at: path) }
    }
  }

  @Test("a copy that cannot be finished leaves nothing, neither of its name nor of another")
  func unfinished() async throws {
    try await withWorld { world in
      try await world.checkout()
      try await change(world.path, "UPDATE tally SET value = 7 WHERE name = 'messages_scheduled'")
      let store = world.store
      let path = world.path + ".copy"
      await #expect(throws: StoreError.self) { try await store.backup(to: path, now: at(1)) }
      let names = try FileManager.default.contentsOfDirectory(
        atPath: URL(filePath: path).deletingLastPathComponent().path)
      #expect(!names.contains { $0.contains("copy") })
    }
  }

  @Test("on a copy nothing is claimed until somebody has said what became of what was due, whatever is resumed")
  func waits() async throws {
    try await withCopy { (world: World) async throws in
      #expect(try await world.store.restoredFrom() == at(40))
      try await world.store.setPaused(false, now: at(50))
      #expect(try await world.store.isPaused())
      #expect(try await world.claim(at: 3_000).claims.isEmpty)
      try await world.checkout("c-new", email: "new@example.com", at: 41)
      #expect(try await world.store.summary(now: at(41)).restoredFrom == at(40))
    }
  }

  @Test("messages that may have been sent since are unknown, order messages too; what is due later goes out")
  func unknown() async throws {
    try await withCopy { (world: World) async throws in
      try await world.order("o-9", checkoutID: "c-9", at: 41)
      let count = try await world.store.takeOn(.unknown, policies: world.policies, now: at(60))
      #expect(count == 17)
      #expect(try await world.store.restoredFrom() == nil)
      #expect(try await world.claim(at: 60).claims.isEmpty)
      #expect(try await world.story("c-4") == ["1 unknown unknown", "2 scheduled due"])
      #expect(try await world.story("c-9") == ["1 cancelled ordered", "order unknown unknown"])
      #expect(
        try await world.rows("SELECT DISTINCT error FROM attempt WHERE outcome = 'unknown'")
          == ["it may have been sent after the database was copied"])
      try await world.expectTrueTally()
      #expect(try await world.claim(at: 24 * 60).claims.count == 19)
      #expect(try await world.store.takeOn(.unknown, policies: world.policies, now: at(24 * 60)) == 0)
    }
  }

  @Test("messages that were surely not sent since go out")
  func unsent() async throws {
    try await withCopy { (world: World) async throws in
      #expect(try await world.store.takeOn(.unsent, policies: world.policies, now: at(60)) == 0)
      #expect(try await world.claim(at: 60).claims.count == 17)
    }
  }

  @Test("held reminders, too, may have been sent since")
  func held() async throws {
    try await withWorld { world in
      for number in 0..<5 { try await world.checkout("c-\(number)", email: "\(number)@example.com") }
      for minute in 30..<33 {
        for claim in try await world.claim(at: minute, limit: 1).claims {
          try await world.settle(claim, .renderFailed(error: "{{x}}"), at: minute)
        }
      }
      _ = try await world.claim(at: 33)
      #expect(try await world.rows("SELECT count(*) FROM message WHERE held IS NOT NULL") != ["0"])
      let path = world.path + ".copy"
      _ = try await world.store.backup(to: path, now: at(34))
      let copy = World(path: path, store: try Store(path: path, now: at(35)))
      _ = try await copy.store.resolveInterrupted(policies: copy.policies, now: at(35), jitter: 0)
      _ = try await copy.store.takeOn(.unknown, policies: copy.policies, now: at(35))
      #expect(try await copy.rows("SELECT count(*) FROM message WHERE held IS NOT NULL") == ["0"])
      try await copy.expectTrueTally()
      await copy.store.close()
    }
  }
}

extension BackupTests {
  /// Twenty checkouts, of which three got their first reminder.
  private func fill(_ world: World) async throws {
    for number in 0..<20 { try await world.checkout("c-\(number)", email: "\(number)@example.com") }
    for claim in try await world.claim(at: 30, limit: 3).claims { try await world.settle(claim, .accepted, at: 30) }
  }

  private func withCopy(_ body: (World) async throws -> Void) async throws {
    try await withWorld { world in
      try await fill(world)
      let path = world.path + ".copy"
      _ = try await world.store.backup(to: path, now: at(40))
      let copy = World(path: path, store: try Store(path: path, now: at(50)))
      try await body(copy)
      await copy.store.close()
    }
  }

  private func change(_ path: String, _ sql: String) async throws {
    let result = try await Program.run(URL(filePath: "/usr/bin/sqlite3"), [path, sql])
    #expect(result.status == 0 && result.errorText.isEmpty, "\(result.errorText)")
  }

  /// Writes over the middle of each page but the first.
  private func damage(_ path: String) throws {
    var bytes = Array(try Data(contentsOf: URL(filePath: path)))
    for page in stride(from: 4_096, to: bytes.count, by: 4_096) {
      for offset in 0..<64 { bytes[page + offset] = 0x5A }
    }
    try Data(bytes).write(to: URL(filePath: path))
  }
}

extension Array {
  fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async throws -> [T] {
    var results: [T] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
