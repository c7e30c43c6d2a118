import GRDB
package import NudgeDomain

/// What the mail provider allowed when it was asked.
package struct QuotaRecord: Hashable, Sendable {
  /// Whom it was asked for: an answer for one account says nothing of another.
  package var account: String
  /// Mails per second.
  package var perSecond: Double
  /// Mails in any 24 hours; nil is no limit.
  package var perDay: Int?
  /// What went out in the 24 hours before, by the provider's count.
  package var sentLastDay: Int
  package var askedAt: Moment
  /// The latest row of the ledger that the provider may have counted: what is after it is to be added.
  package var lastAttempt: Int64

  package init(
    account: String, perSecond: Double, perDay: Int?, sentLastDay: Int, askedAt: Moment, lastAttempt: Int64
  ) {
    self.account = account
    self.perSecond = perSecond
    self.perDay = perDay
    self.sentLastDay = sentLastDay
    self.askedAt = askedAt
    self.lastAttempt = lastAttempt
  }
}

extension Store {
  /// Keeps the provider's answer over restarts, in place of the one before.
  package func remember(_ quota: QuotaRecord) async throws(StoreError) {
    try await writer.perform { (session) throws(StoreError) in try session.remember(quota) }
  }

  /// The provider's latest answer.
  package func quota() async throws(StoreError) -> QuotaRecord? {
    try await readers.read { database in
      try Row.fetchOne(database, sql: "SELECT * FROM sending_quota").map(QuotaRecord.init)
    }
  }

  /// The number of the ledger's latest row; 0 if it has none.
  package func latestAttempt() async throws(StoreError) -> Int64 {
    try await readers.read { database in try Int64.fetchOne(database, sql: "SELECT max(id) FROM attempt") ?? 0 }
  }

  /// When hand-overs ended that ended at `since` or later, or have not ended, the earliest first: what may have left
  /// meanwhile. What has not ended counts as `now`.
  package func handOvers(since: Moment, now: Moment) async throws(StoreError) -> [Moment] {
    try await readers.read { database in
      try Int64.fetchAll(
        database,
        sql: """
          SELECT min(coalesce(settled_at, ?1), ?1) AS ended FROM (SELECT * FROM attempt ORDER BY id DESC LIMIT ?2)
          WHERE coalesce(settled_at, ?1) >= ?3 AND coalesce(outcome, '') NOT IN ('withdrawn', 'render_failed')
          ORDER BY ended
          """, arguments: [now.milliseconds, Self.recentHandOvers, since.milliseconds]
      ).map(Moment.init)
    }
  }

  /// More rows than any rate and any number of hand-overs at a time make in the pace's window.
  private static let recentHandOvers = 20_000
}

extension QuotaRecord {
  fileprivate init(_ row: Row) {
    self.init(
      account: row["account"], perSecond: row["per_second"], perDay: row["per_day"],
      sentLastDay: row["sent_last_day"], askedAt: Moment(milliseconds: row["asked_at"]),
      lastAttempt: row["last_attempt"])
  }
}

extension Session {
  /// Rare: it has no statement that is kept.
  fileprivate func remember(_ quota: QuotaRecord) throws(StoreError) {
    let statement = try Statement(
      connection,
      """
      INSERT OR REPLACE INTO sending_quota (id, account, per_second, per_day, sent_last_day, asked_at, last_attempt)
      VALUES (1, ?, ?, ?, ?, ?, ?)
      """)
    try statement.run(
      .text(quota.account), .real(quota.perSecond), .integer(quota.perDay.map(Int64.init)),
      .integer(quota.sentLastDay), .moment(quota.askedAt), .integer(quota.lastAttempt))
  }
}
