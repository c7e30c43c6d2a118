import Foundation
import GRDB
import Migrations
import NudgeDomain
import TestKit
import Testing

@testable import NudgeStore

@Suite("Opening") struct OpeningTests {
  @Test("makes a database whose commits are on disk when they return")
  func settings() async throws {
    try await withWorld { world in
      #expect(try await world.rows("PRAGMA journal_mode; PRAGMA user_version") == ["wal", "\(Migrations.all.count)"])
      let settings = try await world.store.writer.perform { (session) throws(StoreError) in
        [
          try session.setting("synchronous"), try session.setting("foreign_keys"),
          try session.setting("wal_autocheckpoint"),
        ]
      }
      #expect(settings == [2, 1, 0])
    }
  }

  @Test("makes a file that strangers cannot read, its log included")
  func mode() async throws {
    try await withWorld { world in
      try await world.checkout()
      for name in ["", "-wal", "-shm"] {
        let mode = try FileManager.default.attributesOfItem(atPath: world.path + name)[.posixPermissions] as? Int
        #expect((mode ?? 0o777) & 0o027 == 0, "\(name)")
      }
    }
  }

  @Test("again finds what was there, and its name")
  func again() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "nudged.db").path
      var instances: Set<String> = []
      for round in 0..<2 {
        let world = World(path: path, store: try Store(path: path, now: at(0)))
        #expect(try await world.checkout().changed == (round == 0))
        instances.insert(try #require(await world.store.messageContent(1)).instance)
        await world.store.close()
      }
      #expect(instances.count == 1 && instances.first?.count == 16)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["nudged.db"])
    }
  }

  @Test("finds the file whatever its name is", arguments: ["a b", "100%", "what?", "#1", "%41?vfs=unix", "größe"])
  func names(name: String) async throws {
    try await withTemporaryFolder { folder in
      let inner = folder.appending(path: name, directoryHint: .isDirectory)
      try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
      let path = inner.appending(path: "nudged.db").path(percentEncoded: false)
      let world = World(path: path, store: try Store(path: path, now: at(0)))
      try await world.checkout()
      #expect(try await world.store.summary(now: at(0)).checkoutsOpen == 1)
      await world.store.close()
      #expect(try FileManager.default.contentsOfDirectory(atPath: inner.path(percentEncoded: false)) == ["nudged.db"])
    }
  }

  @Test("refuses a newer schema, and leaves it as it is")
  func newer() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "nudged.db").path
      await (try Store(path: path, now: at(0))).close()
      let database = try DatabaseQueue(path: path)
      try await database.write { try $0.execute(sql: "PRAGMA user_version = 99") }
      try database.close()
      #expect(throws: StoreError.newerSchema(found: 99, known: Migrations.all.count)) {
        try Store(path: path, now: at(0))
      }
    }
  }

  @Test("says why it cannot", arguments: ["no/such/folder/nudged.db", "text.db"])
  func impossible(name: String) async throws {
    try await withTemporaryFolder { folder in
      try Data(String(repeating: "not a database ", count: 1_000).utf8).write(to: folder.appending(path: "text.db"))
      do throws(StoreError) {
        _ = try Store(path: folder.appending(path: name).path, now: at(0))
        Issue.record("it opened")
      } catch {
        guard case .cannotOpen(let why) = error else { throw error }
        #expect(!why.isEmpty)
      }
    }
  }

  @Test("runs each migration in a transaction of its own, and a failing one leaves the one before")
  func migrations() async throws {
    try await withTemporaryFolder { folder in
      let database = try DatabaseQueue(path: folder.appending(path: "x.db").path)
      try await database.writeWithoutTransaction { database in
        let connection = try #require(database.sqliteConnection)
        var broken = Migrations.all
        broken.append(Migrations.all[0])  // its tables are there already
        #expect(throws: StoreError.self) { try Schema.migrate(connection, migrations: broken) }
        #expect(try Int.fetchOne(database, sql: "PRAGMA user_version") == Migrations.all.count)
        try Schema.migrate(connection)
      }
    }
  }

  @Test("a closed store says so")
  func closed() async throws {
    try await withWorld { world in
      await world.store.close()
      let world = world
      await #expect(throws: StoreError.failed("the store is closed")) { try await world.checkout() }
    }
  }
}
