import Foundation
import GRDB
import Migrations
import NudgeDomain
import TestKit
import Testing

@testable import NudgeStore

/// Databases as earlier versions left them, upgraded by this one.
@Suite("Fixtures") struct FixtureTests {
  private static let folder = Repository.root.appending(path: "Tests/NudgeStoreTests/Fixtures")
  static let versions = Migrations.all.enumerated().filter { file($0.element).isThere }.map { $0.offset + 1 }

  private static func file(_ migration: Migration) -> URL { folder.appending(path: "\(migration.name).sql") }

  @Test("a migration lands only with a fixture of the schema before it")
  func complete() {
    for migration in Migrations.all.dropLast() {
      #expect(Self.file(migration).isThere, "make it: \(Self.folder.path)/README.md")
    }
    #expect(Self.versions.count >= 2)
  }

  @Test("a fixture has each state, each reason that its schema knows, and each outcome", arguments: versions)
  func whole(version: Int) async throws {
    try await withFixture(version) { (path: String) async throws in
      func words(_ sql: String) async throws -> Set<String> { Set(try await shell(path, sql)) }
      #expect(try await words("SELECT state FROM message") == Set(Message.State.allCases.map(\.rawValue)))
      // What waits for its template was due like all others in the first schema.
      let reasons = Reason.allCases.filter { version >= 2 || $0 != .held }
      #expect(try await words("SELECT reason FROM message") == Set(reasons.map(\.rawValue)))
      #expect(try await words("SELECT state FROM checkout") == ["open", "cancelled", "ordered"])
      let outcomes = Set(LedgerWord.allCases.map(\.rawValue))
      #expect(try await words("SELECT outcome FROM attempt WHERE outcome IS NOT NULL") == outcomes)
      #expect(try await words("SELECT count(*) FROM attempt WHERE outcome IS NULL") != ["0"])
      guard version >= 2 else { return }
      #expect(try await words("SELECT count(*) FROM failing_stream WHERE held_at IS NOT NULL") != ["0"])
      guard version >= 3 else { return }
      let known = try await words(
        "SELECT (uid IS NULL) || (user_name IS NULL) || (result = 'done') FROM operator_action")
      #expect(known == ["001", "000", "011", "111"])
    }
  }

  @Test("an upgrade keeps every row and every count, and the views can be read", arguments: versions)
  func keeps(version: Int) async throws {
    try await withFixture(version) { (path: String) async throws in
      let tables = try await columns(path)
      let before = try await dump(path, tables)
      let world = World(path: path, store: try Store(path: path, now: at(0)))
      #expect(try await dump(path, tables) == before)
      #expect(before.count > 100)
      #expect(try await world.rows("PRAGMA user_version") == ["\(Migrations.all.count)"])
      #expect(try await world.rows("PRAGMA foreign_key_check; PRAGMA integrity_check") == ["ok"])
      let schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2"
      #expect(try await world.rows(schema) == withWorld { try await $0.rows(schema) }, "as a new database has it")
      for view in try await world.rows("SELECT name FROM sqlite_schema WHERE type = 'view'") {
        #expect(try await world.rows("SELECT count(*) FROM \(view)").count == 1, "\(view)")
      }
      #expect(try await !world.rows("SELECT * FROM upcoming").isEmpty)
      try await world.expectTrueTally()
      await world.store.close()
    }
  }

  @Test("after an upgrade everything that waits is sent or ends with a reason, each once", arguments: versions)
  func goesOn(version: Int) async throws {
    try await withFixture(version) { (path: String) async throws in
      let world = World(path: path, store: try Store(path: path, now: at(0)))
      #expect(try await world.store.isPaused())
      #expect(try await world.claim(at: 10_000).claims.isEmpty)
      try await world.store.setPaused(false, now: at(10_000))
      let interrupted = try await world.store.resolveInterrupted(policies: world.policies, now: at(170), jitter: 0)
      #expect(interrupted >= 1)
      try await world.store.tryHeldStreams(now: at(10_000))
      var claimed: [Int64] = []
      for minute in [170, 170, 10_000, 10_000] {
        for claim in try await world.claim(at: minute).claims {
          claimed.append(claim.messageID)
          try await world.settle(claim, .accepted, at: minute)
        }
      }
      #expect(!claimed.isEmpty && Set(claimed).count == claimed.count)
      #expect(try await world.rows("SELECT id FROM message WHERE state = 'scheduled'") == [])
      try await world.expectTrueTally()
      await world.store.close()
    }
  }

  @Test("a version that does not know the schema refuses it and says so", arguments: versions.dropFirst())
  func older(version: Int) async throws {
    try await withFixture(version) { (path: String) async throws in
      let before = try Data(contentsOf: URL(filePath: path))
      let known = Array(Migrations.all.prefix(version - 1))
      let errors = try attempt(path, [known])
      #expect(errors == [.newerSchema(found: version, known: version - 1)])
      #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }
  }

  @Test("an upgrade that fails at any statement leaves the old version's database", arguments: versions)
  func fails(version: Int) async throws {
    try await withFixture(version) { (path: String) async throws in
      let tables = try await columns(path)
      let before = try await dump(path, tables)
      let failing = try Self.broken(Migrations.all.prefix(version) + [Self.next(version)])
      let errors = try attempt(path, failing)
      #expect(errors.count > 1 && errors.allSatisfy { $0 != nil })
      #expect(try await shell(path, "PRAGMA user_version") == ["\(version)"])
      #expect(try await dump(path, tables) == before)
      try await completes(path)
    }
  }

  @Test("an upgrade that is killed at any statement leaves the old version's database, and the next one completes it")
  func killed() async throws {
    for version in Self.versions where version < Migrations.all.count {
      let statements = Self.next(version).sql.split(separator: ";\n").count
      for count in stride(from: 1, through: statements + 1, by: 4) {
        try await withFixture(version) { (path: String) async throws in
          let tables = try await columns(path)
          let before = try await dump(path, tables)
          let file = Repository.root.appending(path: "migrations/\(Migrations.all[version].name).sql").path
          let result = try await Program.run(
            Repository.python, [Repository.oracle("interrupted_migration").path, path, file, "\(count)"])
          #expect(result.status != 0 && result.errorText.isEmpty, "\(result.errorText)")
          #expect(try await shell(path, "PRAGMA user_version; PRAGMA integrity_check") == ["\(version)", "ok"])
          #expect(try await dump(path, tables) == before)
          try await completes(path)
        }
      }
    }
  }

  /// The upgrade that follows, or an empty one if this is the newest version.
  private static func next(_ version: Int) -> Migration {
    version < Migrations.all.count ? Migrations.all[version] : Migrations.all[version - 1]
  }

  /// The migrations, the last of them failing after each of its statements.
  private static func broken(_ migrations: ArraySlice<Migration>) throws -> [[Migration]] {
    let statements = (migrations.last?.sql ?? "").components(separatedBy: ";\n")
    return (0..<statements.count).map { count in
      var failing = Array(migrations)
      failing[failing.count - 1].sql = (statements.prefix(count) + ["SELECT no_such_function()"]).joined(
        separator: ";\n")
      return failing
    }
  }

  /// Tries lists of migrations one after the other; returns what each failed with.
  private func attempt(_ path: String, _ lists: [[Migration]]) throws -> [StoreError?] {
    let database = try DatabaseQueue(path: path)
    let errors = try database.writeWithoutTransaction { database in
      let connection = try #require(database.sqliteConnection)
      var errors: [StoreError?] = []
      for migrations in lists {
        do throws(StoreError) {
          try Schema.migrate(connection, migrations: migrations)
          errors.append(nil)
        } catch {
          errors.append(error)
        }
      }
      return errors
    }
    try database.close()
    return errors
  }

  private func completes(_ path: String) async throws {
    let world = World(path: path, store: try Store(path: path, now: at(0)))
    try await world.expectTrueTally()
    #expect(try await world.rows("PRAGMA user_version") == ["\(Migrations.all.count)"])
    await world.store.close()
  }
}

extension FixtureTests {
  private func withFixture(_ version: Int, _ body: (String) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "nudged.db").path
      let sql = Self.file(Migrations.all[version - 1]).path
      _ = try await shell(path, ".bail on", ".read \(sql)")
      try await body(path)
    }
  }

  private func shell(_ path: String, _ commands: String...) async throws -> [String] {
    let result = try await Program.run(URL(filePath: "/usr/bin/sqlite3"), [path] + commands)
    guard result.status == 0, result.errorText.isEmpty else { throw StoreError.failed(result.errorText) }
    return result.text.split(separator: "\n").map(String.init)
  }

  /// The columns of each table, as that version had them.
  private func columns(_ path: String) async throws -> [String: String] {
    let rows = try await shell(
      path,
      """
      SELECT t.name, group_concat(c.name) FROM sqlite_schema t JOIN pragma_table_info(t.name) c
      WHERE t.type = 'table' GROUP BY t.name
      """)
    let pairs = rows.map { $0.split(separator: "|").map(String.init) }
    return Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
  }

  /// Every value, as SQL writes it.
  private func dump(_ path: String, _ tables: [String: String]) async throws -> [String] {
    var rows: [String] = []
    for (table, columns) in tables.sorted(by: { $0.key < $1.key }) {
      rows += try await shell(path, ".mode quote", "SELECT '\(table)', \(columns) FROM \(table) ORDER BY 2")
    }
    return rows
  }
}

extension URL {
  fileprivate var isThere: Bool { FileManager.default.fileExists(atPath: path) }
}
