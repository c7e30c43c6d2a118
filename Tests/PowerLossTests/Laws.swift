/// What must be true of every database that is found after a crash. Each query answers what breaks it.
enum Laws {
  struct Law: Sendable {
    var name: String
    var sql: String
  }

  /// Those of the schema and of the promises, whatever was acknowledged.
  static let standing = [
    Law(
      name: "what is being sent has one open row in the ledger",
      sql: """
        SELECT m.id FROM message m WHERE m.state = 'sending'
          AND (SELECT count(*) FROM attempt a WHERE a.message = m.id AND a.settled_at IS NULL) <> 1
        """),
    Law(
      name: "an open row in the ledger belongs to what is being sent",
      sql: """
        SELECT a.id FROM attempt a JOIN message m ON m.id = a.message
        WHERE a.settled_at IS NULL AND m.state <> 'sending'
        """),
    Law(
      name: "what was sent has one accepted row in the ledger",
      sql: """
        SELECT m.id FROM message m WHERE m.state = 'sent'
          AND (SELECT count(*) FROM attempt a WHERE a.message = m.id AND a.outcome = 'accepted') <> 1
        """),
    Law(
      name: "a time of settlement goes with a final state",
      sql: """
        SELECT id FROM message
        WHERE (settled_at IS NOT NULL) <> (state IN ('sent', 'dead', 'unknown', 'cancelled', 'skipped'))
        """),
    Law(
      name: "one reminder of a checkout waits at most, but for what a person asked for",
      sql: """
        SELECT checkout FROM message WHERE step IS NOT NULL AND state = 'scheduled' AND is_retried = 0
        GROUP BY checkout HAVING count(*) > 1
        """),
    Law(
      name: "no reminder waits for a checkout that is not open, or for an older schedule",
      sql: """
        SELECT m.id FROM message m JOIN checkout c ON c.id = m.checkout
        WHERE m.step IS NOT NULL AND m.state = 'scheduled'
          AND (c.state <> 'open' OR m.generation <> c.schedule_generation)
        """),
    Law(
      name: "an order closes the checkout that it names",
      sql: """
        SELECT c.id FROM shop_order o JOIN checkout c ON c.shop = o.shop AND c.checkout_id = o.checkout_id
        WHERE c.state <> 'ordered'
        """),
    Law(
      name: "a closed checkout names its order, and that is there",
      sql: """
        SELECT c.id FROM checkout c WHERE c.state = 'ordered'
          AND NOT EXISTS (SELECT 1 FROM shop_order o WHERE o.shop = c.shop AND o.order_id = c.closed_by)
        """),
    Law(
      name: "the tallies are those of the tables",
      sql: """
        WITH truth (name, value) AS (
          SELECT 'checkouts_' || state, count(*) FROM checkout GROUP BY state
          UNION ALL SELECT 'messages_' || state, count(*) FROM message GROUP BY state
          UNION ALL SELECT 'reasons_' || reason, count(*) FROM message GROUP BY reason
          UNION ALL SELECT 'outcomes_' || outcome, count(*) FROM attempt WHERE outcome IS NOT NULL GROUP BY outcome
        )
        SELECT name FROM truth WHERE value IS NOT (SELECT value FROM tally t WHERE t.name = truth.name)
        UNION ALL
        SELECT name FROM tally WHERE value <> 0 AND name NOT LIKE 'events%' AND name NOT IN (SELECT name FROM truth)
        """),
  ]

  /// Those of what was acknowledged within the first `?1` operations.
  static let acknowledged = [
    Law(
      name: "an acknowledged checkout is there",
      sql: """
        SELECT h.checkout_id FROM journal.heard h WHERE h."from" <= ?1 AND NOT EXISTS (
          SELECT 1 FROM checkout c WHERE c.checkout_id = h.checkout_id AND c.generation >= h.generation)
        """),
    Law(
      name: "an acknowledged order is there, and its message",
      sql: """
        SELECT h.order_id FROM journal.ordered h LEFT JOIN shop_order o ON o.order_id = h.order_id
        WHERE h."from" <= ?1
          AND (o.id IS NULL OR h.is_answered AND NOT EXISTS (SELECT 1 FROM message m WHERE m.shop_order = o.id))
        """),
    Law(
      name: "what an acknowledged order closed is closed, and no reminder of it waits",
      sql: """
        SELECT h.checkout_id FROM journal.closed h LEFT JOIN checkout c ON c.checkout_id = h.checkout_id
        WHERE h."from" <= ?1 AND (c.state IS NOT 'ordered' OR EXISTS (
          SELECT 1 FROM message m WHERE m.checkout = c.id AND m.step IS NOT NULL AND m.state = 'scheduled'))
        """),
    Law(
      name: "a claim has its row in the ledger",
      sql: """
        SELECT h.attempt FROM journal.claimed h LEFT JOIN attempt a ON a.id = h.attempt
        WHERE h."from" <= ?1 AND (a.message IS NOT h.message OR a.recipient IS NOT h.recipient)
        """),
    Law(
      name: "a settled claim has its outcome",
      sql: """
        SELECT h.attempt FROM journal.settled h LEFT JOIN attempt a ON a.id = h.attempt
        WHERE h."from" <= ?1 AND a.outcome IS NOT h.outcome
        """),
    Law(
      name: "what ended for good stays so",
      sql: """
        SELECT h.message FROM journal.final h LEFT JOIN message m ON m.id = h.message
        WHERE h."from" <= ?1 AND m.state IS NOT h.state
        """),
    Law(
      name: "what a person asked to retry is marked",
      sql: """
        SELECT h.message FROM journal.retried h LEFT JOIN message m ON m.id = h.message
        WHERE h."from" <= ?1 AND m.is_retried IS NOT 1
        """),
    Law(
      name: "a pause is remembered",
      sql: """
        SELECT h.value FROM journal.paused h
        WHERE h."from" <= ?1 AND h.until > ?1 AND h.value IS NOT (SELECT value FROM meta WHERE name = 'paused')
        """),
  ]

  /// What breaks a law, by name.
  static func broken(_ laws: [Law], in eye: Eye, at position: Int = 0) throws -> [String] {
    try laws.compactMap { law in
      let rows = try eye.rows(law.sql, position)
      return rows.isEmpty ? nil : "\(law.name): not so for \(rows.prefix(3).joined(separator: ", "))"
    }
  }
}
