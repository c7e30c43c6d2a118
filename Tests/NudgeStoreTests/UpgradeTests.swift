import Foundation
import GRDB
import Migrations
import NudgeDomain
import TestKit
import Testing

@testable import NudgeStore

@Suite("Upgrade") struct UpgradeTests {
  /// What a database of the first schema held: each state, reminders and order messages, ledger rows open and settled.
  private static let rows = """
    INSERT INTO checkout VALUES
      (1, 7, 'default', 'c-1', NULL, '42', 'ann@example.com', NULL, 11, 1, 'open', 2, 2, 1700000000000, 1700000000000,
        1700000000000, 1700000060000, NULL, NULL, 0, '{"name":"Ann"}'),
      (2, 7, 'default', 'c-2', 'o-2', NULL, 'bob@example.com', 5, NULL, 2, 'ordered', 1, 1, 1700000000000,
        1700000000000, 1700000000000, 1700000060000, 1700000060000, 'o-2', 0, '{}'),
      (3, 7, 'default', 'c-3', NULL, NULL, 'eve@example.com', NULL, NULL, 3, 'cancelled', 1, 1, 1700000000000,
        1700000000000, 1700000000000, 1700000060000, 1700000060000, NULL, 1, '{}');
    INSERT INTO shop_order VALUES
      (1, 7, 'default', 'o-2', 'c-2', NULL, 'bob@example.com', 6, NULL, 2, 1700000060000, 1700000060000, 1, '{}');
    INSERT INTO message VALUES
      (1, 7, 1, NULL, 1, 1, 'cancelled', 'checkout_changed', 1700001800000, 1700000000000, 1700000060000, 0, 0),
      (2, 7, 1, NULL, 1, 2, 'sending', 'due', 1700001800000, 1700000000000, NULL, 0, 0),
      (3, 7, 2, NULL, 1, 1, 'dead', 'refused', 1700001800000, 1700000000000, 1700001801000, 1, 0),
      (4, 7, 2, 1, NULL, 1, 'scheduled', 'deferred', 1700000090000, 1700000060000, NULL, 1, 0),
      (5, 7, 3, NULL, 1, 1, 'unknown', 'unknown', 1700001800000, 1700000000000, 1700001801000, 1, 0),
      (6, 7, 3, NULL, 2, 1, 'scheduled', 'retried', 1700086400000, 1700001801000, NULL, 0, 1);
    INSERT INTO attempt VALUES
      (1, 2, 'ann@example.com', 1700001800000, NULL, NULL, NULL, NULL),
      (2, 3, 'bob@example.com', 1700001800000, 1700001801000, 'refused', NULL, '550 no'),
      (3, 4, 'bob@example.com', 1700000060000, 1700000061000, 'deferred', NULL, '451 later'),
      (4, 5, 'eve@example.com', 1700001800000, 1700001801000, 'unknown', NULL, 'lost');
    INSERT INTO tally VALUES
      ('checkouts_open', 1), ('checkouts_ordered', 1), ('checkouts_cancelled', 1), ('messages_cancelled', 1),
      ('messages_sending', 1), ('messages_dead', 1), ('messages_unknown', 1), ('messages_scheduled', 2),
      ('reasons_checkout_changed', 1), ('reasons_due', 1), ('reasons_refused', 1), ('reasons_deferred', 1),
      ('reasons_unknown', 1), ('reasons_retried', 1), ('outcomes_refused', 1), ('outcomes_deferred', 1),
      ('outcomes_unknown', 1), ('events_checkout', 4), ('events_order', 1);
    UPDATE meta SET value = 'true' WHERE name = 'paused';
    """

  private func makeFirst(_ path: String) throws -> DatabaseQueue {
    let database = try DatabaseQueue(path: path)
    try database.writeWithoutTransaction { database in
      let connection = try #require(database.sqliteConnection)
      try Schema.migrate(connection, migrations: Array(Migrations.all.prefix(1)))
      try database.execute(sql: Self.rows)
    }
    return database
  }

  private static let tables = [
    "checkout", "shop_order", "attempt", "tally", "meta", "message",
  ]

  private func dump(_ database: Database) throws -> [String] {
    try Self.tables.flatMap { table in
      let columns = table == "message" ? Self.messageColumns : "*"
      return try Row.fetchAll(database, sql: "SELECT \(columns) FROM \(table) ORDER BY 1").map { "\(table) \($0)" }
    }
  }

  private static let messageColumns = """
    id, bucket, checkout, shop_order, step, generation, state, reason, due_at, created_at, settled_at, attempts,
    is_retried
    """

  @Test("a database of the first schema keeps every row, and goes on where it was")
  func upgrade() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "nudged.db").path
      let old = try makeFirst(path)
      let before = try await old.read { try dump($0) }
      try old.close()
      #expect(before.count == 35)

      let world = World(path: path, store: try Store(path: path, now: at(0)))
      let after = try await world.store.readers.read { try self.dump($0) }
      #expect(after == before)
      #expect(try await world.rows("PRAGMA user_version") == ["\(Migrations.all.count)"])
      #expect(try await world.rows("PRAGMA foreign_key_check; PRAGMA integrity_check") == ["ok"])
      try await world.expectTrueTally()

      #expect(try await world.store.isPaused())
      try await world.store.setPaused(false, now: at(0))
      #expect(try await world.store.nextDue() == Moment(milliseconds: 1_700_000_090_000))
      let policies = world.policies
      let interrupted = try await world.store.resolveInterrupted(policies: policies, now: at(31), jitter: 0)
      #expect(interrupted == 1)
      let claim = try await world.claimOne(at: 31)
      #expect(claim.kind == .order && claim.attempt == 2 && claim.attemptID == 5)
      try await world.settle(claim, .accepted, at: 31)
      try await world.expectTrueTally()
      await world.store.close()
    }
  }
}
