import GRDB
package import NudgeDomain

extension Store {
  /// Keeps what the clocks show over restarts, in place of what was kept before.
  package func remember(_ record: ClockRecord) async throws(StoreError) {
    try await writer.perform { (session) throws(StoreError) in try session.meta.setClock(record.text) }
  }

  /// Moves along with steps of the wall clock what waits for elapsed time, all in one with the reading after them.
  ///
  /// That is: messages that wait before they are tried again, held streams, and the age of the provider's quota. What is
  /// due by the wall clock stays where it is. If a step ends a doubt, what was written during the doubt moves as well: it
  /// was written in the time before the jump. What was written before the clock was last set back stays, whatever its time.
  package func follow(_ steps: [ClockWatch.Step], record: ClockRecord) async throws(StoreError) {
    try await writer.perform { (session) throws(StoreError) in
      for step in steps { try session.follow(step) }
      try session.meta.setClock(record.text)
    }
  }

  /// What an earlier run knew of the clocks; nil if there was none, or if it was of a version that did not look at them.
  package func clock() async throws(StoreError) -> ClockRecord? {
    try await readers.read { database in
      let text = try String.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'clock'")
      var record = text.flatMap(ClockRecord.init(text:))
      record?.latestWritten = try Int64.fetchOne(database, sql: ClockRecord.latestWrittenSQL).map(Moment.init)
      return record
    }
  }
}

extension ClockRecord {
  /// The row of each table that was written last.
  fileprivate static let latestWrittenSQL = """
    SELECT max(at) FROM (
      SELECT * FROM (SELECT changed_at AS at FROM checkout ORDER BY id DESC LIMIT 1)
      UNION ALL SELECT * FROM (SELECT created_at FROM shop_order ORDER BY id DESC LIMIT 1)
      UNION ALL SELECT * FROM (SELECT created_at FROM message ORDER BY id DESC LIMIT 1)
      UNION ALL SELECT * FROM (SELECT coalesce(settled_at, started_at) FROM attempt ORDER BY id DESC LIMIT 1))
    """

  /// `wall uptime boot doubted-since`, a dash for what is missing.
  var text: String {
    let since = doubtedSince.map { String($0.milliseconds) } ?? "-"
    return "\(reading.wall.milliseconds) \(reading.uptime.milliseconds) \(boot ?? "-") \(since)"
  }

  init?(text: String) {
    let words = text.split(separator: " ")
    guard words.count == 4, let wall = Int64(words[0]), let uptime = Int64(words[1]) else { return nil }
    self.init(
      reading: Reading(wall: Moment(milliseconds: wall), uptime: Uptime(milliseconds: uptime)),
      boot: words[2] == "-" ? nil : String(words[2]), doubtedSince: Int64(words[3]).map(Moment.init))
  }
}

extension Session {
  /// Rare: it has no statements that are kept.
  func follow(_ step: ClockWatch.Step) throws(StoreError) {
    let by = Value.integer(step.by.milliseconds)
    for sql in Self.elapsing { try Statement(connection, sql).run(by) }
    if let during = step.during {
      for sql in Self.written {
        try Statement(connection, sql).run(by, .moment(during.lowerBound), .moment(during.upperBound))
      }
    }
    guard step.isBack else { return }
    for table in Self.dated { try Statement(connection, Self.leaveBehind(table)).run() }
  }

  /// What waits for elapsed time.
  private static let elapsing = [
    // A message keeps its place among the others.
    """
    UPDATE message SET due_at = due_at + ?1, first_due_at = min(first_due_at, due_at) + ?1
    WHERE state = 'scheduled' AND step IS NULL AND held IS NULL AND first_due_at IS NOT NULL
      AND reason IN ('deferred', 'unknown')
    """,
    """
    UPDATE message SET due_at = due_at + ?1, first_due_at = min(first_due_at, due_at) + ?1
    WHERE state = 'scheduled' AND step IS NOT NULL AND held IS NULL AND first_due_at IS NOT NULL
      AND reason IN ('deferred', 'unknown')
    """,
    "UPDATE failing_stream SET held_at = held_at + ?1, probe_at = probe_at + ?1 WHERE held_at IS NOT NULL",
    "UPDATE sending_quota SET asked_at = asked_at + ?1",
  ]

  // MARK: What was written in a doubt

  /// The tables whose rows carry the time at which they were written.
  private static let dated = ["message", "checkout", "shop_order", "attempt"]

  /// Keeps which row was the last one as the clock was set back.
  private static func leaveBehind(_ table: String) -> String {
    "INSERT OR REPLACE INTO meta (name, value) SELECT 'left_\(table)', CAST(coalesce(max(id), 0) AS TEXT) FROM \(table)"
  }

  /// True of a row that is younger than the last time at which the clock was set back. A time alone does not tell: the
  /// clock has passed through it twice.
  private static func isYoung(_ table: String, _ id: String = "id") -> String {
    "\(id) > coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'left_\(table)'), 0)"
  }

  /// True of a schedule that began since then: none of its reminders is older. One that began before goes on with
  /// young reminders, and its anchor is a time that was left.
  private static func isYoungSchedule(_ checkout: String, _ generation: String) -> String {
    """
    NOT EXISTS (SELECT 1 FROM message o WHERE o.checkout = \(checkout) AND o.generation = \(generation)
      AND o.step IS NOT NULL AND NOT \(isYoung("message", "o.id")))
    """
  }

  /// What was written between ?2 and ?3. The messages come first: they are found by what their checkouts are before; and
  /// the checkouts by when their messages were planned, for an old one that began anew has young reminders alone.
  private static let written = [
    """
    UPDATE message SET due_at = due_at + ?1
    WHERE state = 'scheduled' AND reason = 'due' AND step IS NOT NULL AND first_due_at IS NULL
      AND created_at BETWEEN ?2 AND ?3 AND \(isYoung("message")) AND EXISTS (
        SELECT 1 FROM checkout c WHERE c.id = message.checkout AND c.anchor_at BETWEEN ?2 AND ?3
          AND c.schedule_generation = message.generation)
      AND \(isYoungSchedule("message.checkout", "message.generation"))
    """,
    """
    UPDATE message SET due_at = due_at + ?1
    WHERE state = 'scheduled' AND step IS NULL AND first_due_at IS NULL AND due_at BETWEEN ?2 AND ?3
      AND created_at BETWEEN ?2 AND ?3 AND \(isYoung("message"))
    """,
    """
    UPDATE checkout SET changed_at = changed_at + ?1,
      anchor_at = iif(anchor_at BETWEEN ?2 AND ?3, anchor_at + ?1, anchor_at),
      occurred_at = iif(occurred_at BETWEEN ?2 AND ?3, occurred_at + ?1, occurred_at),
      created_at = iif(created_at BETWEEN ?2 AND ?3, created_at + ?1, created_at),
      closed_at = iif(closed_at BETWEEN ?2 AND ?3, closed_at + ?1, closed_at)
    WHERE changed_at BETWEEN ?2 AND ?3 AND (\(isYoung("checkout")) OR EXISTS (
      SELECT 1 FROM message m WHERE m.checkout = checkout.id AND m.generation = checkout.schedule_generation
        AND m.step IS NOT NULL AND m.created_at BETWEEN ?2 AND ?3)
        AND \(isYoungSchedule("checkout.id", "checkout.schedule_generation")))
    """,
    "UPDATE message SET created_at = created_at + ?1 WHERE created_at BETWEEN ?2 AND ?3 AND \(isYoung("message"))",
    "UPDATE message SET settled_at = settled_at + ?1 WHERE settled_at BETWEEN ?2 AND ?3 AND \(isYoung("message"))",
    """
    UPDATE shop_order SET created_at = created_at + ?1,
      occurred_at = iif(occurred_at BETWEEN ?2 AND ?3, occurred_at + ?1, occurred_at)
    WHERE created_at BETWEEN ?2 AND ?3 AND \(isYoung("shop_order"))
    """,
    """
    UPDATE attempt SET settled_at = settled_at + ?1,
      started_at = iif(started_at BETWEEN ?2 AND ?3, started_at + ?1, started_at)
    WHERE settled_at BETWEEN ?2 AND ?3 AND \(isYoung("attempt"))
    """,
  ]
}
