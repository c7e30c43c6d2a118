import GRDB
import Migrations
import NudgeDomain
import Testing

@testable import NudgeStore

@Suite("Schema") struct SchemaTests {
  /// A database with one checkout, one order and one message in it.
  static func database() throws -> DatabaseQueue {
    let database = try DatabaseQueue()
    try database.writeWithoutTransaction { database in
      for migration in Migrations.all { try database.execute(sql: migration.sql) }
      try database.execute(
        sql: """
          INSERT INTO checkout VALUES
            (1, 7, 's', 'c-1', NULL, NULL, 'a@b', NULL, NULL, 1, 'open', 1, 1, 0, 0, 0, 0, NULL, NULL, 0, '');
          INSERT INTO shop_order VALUES (1, 7, 's', 'o-1', NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 1, '');
          INSERT INTO message VALUES (1, 7, 1, NULL, 1, 1, 'scheduled', 'due', 0, 0, NULL, 0, 0, NULL, NULL);
          INSERT INTO attempt VALUES (1, 1, 'a@b', 0, NULL, NULL, NULL, NULL);
          """)
    }
    return database
  }

  static let refused = [
    "UPDATE checkout SET state = 'lost'",
    "UPDATE checkout SET state = 'ordered'",
    "UPDATE checkout SET state = 'cancelled'",
    "UPDATE checkout SET closed_at = 1",
    "UPDATE checkout SET generation = 0",
    "UPDATE checkout SET schedule_generation = 2",
    "UPDATE checkout SET customer_id = '42'",
    "UPDATE checkout SET bucket = 256",
    "UPDATE checkout SET occurred_at = 'noon'",
    "INSERT INTO checkout SELECT 2, 7, shop, checkout_id, NULL, NULL, email, NULL, NULL, 1, state, 1, 1, 0, 0, 0, 0, NULL, NULL, 0, '' FROM checkout",
    "INSERT INTO shop_order SELECT 2, 7, shop, order_id, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 1, '' FROM shop_order",
    "UPDATE shop_order SET checkout_hash = 1",
    "UPDATE message SET state = 'sent'",
    "UPDATE message SET settled_at = 1",
    "UPDATE message SET state = 'lost'",
    "UPDATE message SET step = 0",
    "UPDATE message SET step = NULL",
    "UPDATE message SET shop_order = 1",
    "UPDATE message SET checkout = NULL",
    "UPDATE message SET checkout = 99",
    "INSERT INTO message VALUES (2, 7, 1, NULL, 1, 1, 'scheduled', 'due', 0, 0, NULL, 0, 0, NULL, NULL)",
    "INSERT INTO message VALUES (2, 7, NULL, 1, NULL, 1, 'scheduled', 'due', 0, 0, NULL, 0, 0, NULL, NULL), (3, 7, 1, 1, NULL, 1, 'scheduled', 'due', 0, 0, NULL, 0, 0, NULL, NULL)",
    "INSERT INTO attempt VALUES (2, 1, 'a@b', 0, NULL, NULL, NULL, NULL)",
    "INSERT INTO attempt VALUES (2, 99, 'a@b', 0, 1, 'accepted', NULL, NULL)",
    "UPDATE attempt SET settled_at = 1",
    "UPDATE attempt SET outcome = 'accepted'",
    "UPDATE attempt SET settled_at = 1, outcome = 'perhaps'",
    "UPDATE message SET reason = 'held', held = 99",
    "INSERT INTO sending_quota VALUES (2, 'ses', 1.0, NULL, 0, 0, 0)",
    "INSERT INTO failing_stream VALUES (1, 's', 21, 0, '', NULL, NULL, 1, 0)",
    "INSERT INTO failing_stream VALUES (1, 's', 1, 0, '', 5, NULL, 1, 0)",
    "INSERT INTO failing_stream VALUES (1, 's', 1, 0, '', 5, 6, 1, 1)",
    "INSERT INTO failing_stream VALUES (1, 's', 1, 0, '', 5, 6, 1, 0); UPDATE message SET held = 1",
    "INSERT INTO operator_action VALUES (1, 0, -1, 0, 0, NULL, 'pause', NULL, NULL, 'done')",
    "INSERT INTO operator_action VALUES (1, 0, 1, NULL, 0, NULL, 'pause', NULL, NULL, 'done')",
    "INSERT INTO operator_action VALUES (1, 0, NULL, NULL, NULL, 'ann', 'pause', NULL, NULL, 'done')",
    "INSERT INTO operator_action VALUES (1, 0, 1, 1, 1, '', 'pause', NULL, NULL, 'done')",
    "INSERT INTO operator_action VALUES (1, 0, 1, 1, 1, 'ann', '', NULL, NULL, 'done')",
    "INSERT INTO operator_action VALUES (1, 0, 1, 1, 1, 'ann', 'retry', 99, NULL, 'done')",
    "INSERT INTO operator_action VALUES (1, 0, 1, 1, 1, 'ann', 'retry', 1, NULL, '')",
    "DELETE FROM checkout",
    "DELETE FROM message",
  ]

  @Test("refuses what must never be", arguments: refused)
  func refuses(sql: String) throws {
    try Self.database().writeWithoutTransaction { database in
      let error = #expect(throws: DatabaseError.self) { try database.execute(sql: sql) }
      #expect(error?.resultCode == .SQLITE_CONSTRAINT, "\(String(describing: error))")
    }
  }

  @Test("every table is strict and every state has its time")
  func strict() throws {
    try Self.database().read { database in
      let loose = try String.fetchAll(
        database, sql: "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0")
      #expect(loose.allSatisfy { $0.hasPrefix("sqlite_") }, "\(loose)")
    }
  }

  static let plans: [(sql: String, index: String)] = [
    ("SELECT min(due_at) FROM message WHERE \(Message.Lane.order.waits)", "message_due_order"),
    ("SELECT min(due_at) FROM message WHERE \(Message.Lane.reminder.waits)", "message_due_reminder"),
    ("SELECT \(Message.Lane.earliestDue)", "message_due_order"),
    ("SELECT \(Message.Lane.earliestDue)", "message_due_reminder"),
    (
      "SELECT * FROM message WHERE \(Message.Lane.order.waits) AND due_at <= ? ORDER BY due_at, id LIMIT ?",
      "message_due_order"
    ),
    (
      "SELECT * FROM message WHERE \(Message.Lane.reminder.waits) AND due_at <= ? ORDER BY due_at, id LIMIT ?",
      "message_due_reminder"
    ),
    (
      """
      SELECT id FROM message WHERE \(Message.Lane.order.waits) AND first_due_at IS NOT NULL AND first_due_at <= ?
        AND due_at <= ? ORDER BY first_due_at, due_at LIMIT ?
      """,
      "message_deferred_order"
    ),
    (
      """
      SELECT id FROM message WHERE \(Message.Lane.order.waits) AND first_due_at IS NULL AND due_at <= ?
        ORDER BY due_at, id LIMIT ?
      """,
      "message_due_order"
    ),
    (
      """
      SELECT id FROM message WHERE \(Message.Lane.reminder.waits) AND first_due_at IS NOT NULL AND first_due_at <= ?
        AND due_at <= ? ORDER BY first_due_at, due_at LIMIT ?
      """,
      "message_deferred_reminder"
    ),
    (
      """
      SELECT id FROM message WHERE \(Message.Lane.reminder.waits) AND first_due_at IS NULL AND due_at <= ?
        ORDER BY due_at, id LIMIT ?
      """,
      "message_due_reminder"
    ),
    (
      "SELECT * FROM message WHERE state = 'sending' ORDER BY id",
      "message_attention"
    ),
    ("SELECT * FROM dead_letters", "message_attention"),
    (StreamTable.selectProbes, "failing_stream_probe"),
    (StreamTable.selectProbes, "message_held"),
    (StreamTable.selectEarliest, "failing_stream_probe"),
    ("SELECT id FROM message WHERE held = ? ORDER BY due_at, id LIMIT 1", "message_held"),
    ("\(StreamTable.select) WHERE shop = ? AND step = ?", "sqlite_autoindex_failing_stream"),
    ("SELECT id FROM failing_stream WHERE is_releasing = 1 ORDER BY id LIMIT ?", "failing_stream_releasing"),
    ("SELECT * FROM checkout WHERE email_hash = ? AND state = 'open'", "checkout_by_email"),
    (
      "SELECT * FROM checkout WHERE customer_hash = ? AND customer_hash IS NOT NULL AND state = 'open'",
      "checkout_by_customer"
    ),
    ("SELECT * FROM checkout WHERE order_hash = ? AND order_hash IS NOT NULL", "checkout_by_order"),
    ("SELECT * FROM message WHERE checkout = ? AND step IS NOT NULL", "message_reminder"),
    ("SELECT id FROM shop_order WHERE had_effect = 0 AND created_at < ? ORDER BY created_at LIMIT ?", "without_effect"),
    ("SELECT id FROM attempt WHERE message = ? AND settled_at IS NULL", "attempt_open"),
    (
      "SELECT * FROM operator_action WHERE message IS NOT NULL AND message IN (?, ?) ORDER BY message, id",
      "operator_action_message"
    ),
  ]

  @Test("finds what the verbs ask for through its index", arguments: plans)
  func indexed(sql: String, index: String) throws {
    try Self.database().read { database in
      let plan = try Row.fetchAll(
        database, sql: "EXPLAIN QUERY PLAN \(sql.replacing("?", with: "1"))"
      ).map { $0["detail"] as String }.joined(separator: "; ")
      #expect(plan.contains(index), "\(plan)")
      #expect(!plan.contains("TEMP B-TREE") || sql.contains("dead_letters"), "\(plan)")
    }
  }
}
