import GRDB
package import NudgeDomain

/// What became of the messages that were due since a copy was made, before the copy was taken on: the database that it
/// was copied from may have sent them, and a copy cannot know.
package enum SinceCopy: String, CaseIterable, Sendable {
  /// Nobody can know: each gets its ledger row with that outcome, and none is sent by itself.
  case unknown
  /// None was sent: all go out.
  case unsent
}

extension Store {
  /// At most so many messages are settled in one transaction.
  private static let batch = 500

  /// When this database was copied from another, if nobody has said yet what became of the messages that were due
  /// since. Nothing is claimed until then, as if it were paused.
  package func restoredFrom() async throws(StoreError) -> Moment? {
    try await readers.read { database in try Summary.restoredFrom(database) }
  }

  /// Takes a copy on: says what became of the messages that are due by now, and lets sending go on, unless it is paused
  /// besides. If it is broken off it can be asked again; on a database that is no copy it changes nothing.
  ///
  /// - Returns: how many messages became `unknown`.
  package func takeOn(
    _ since: SinceCopy, policies: Policies, by who: Operator? = nil, now: Moment
  ) async throws(StoreError) -> Int {
    guard try await restoredFrom() != nil else { return 0 }
    var settled = 0
    while since == .unknown {
      let count = try await writer.perform { (session) throws(StoreError) in
        try session.settleUnknown(policies: policies, now: now, limit: Self.batch)
      }
      settled += count
      if count == 0 { break }
    }
    try await writer.perform { (session) throws(StoreError) in
      try session.meta.forgetCopying()
      try session.operators.insert(OperatorAction(.restored, target: since.rawValue), by: who, now: now)
    }
    return settled
  }
}

extension Session {
  /// Gives messages that are due an attempt with an unknown outcome, and plans what follows them. An order message is not
  /// sent again either, whatever the policy: nobody has seen it being handed over.
  fileprivate func settleUnknown(policies: Policies, now: Moment, limit: Int) throws(StoreError) -> Int {
    var rows = try messages.due(.order, now: now, limit: limit)
    rows += try messages.due(.reminder, now: now, limit: limit)
    rows += try messages.heldDue(now: now, limit: limit)
    for row in rows {
      let checkout = try checkout(of: row)
      guard let content = try content(of: row, about: checkout) else {
        try move(row, to: .dead, .renderFailed, now: now)
        continue
      }
      let outcome = Outcome.delivered(.unknown(error: "it may have been sent after the database was copied"))
      let attempt = try attempts.insert(message: row.id, recipient: content.to, now: now)
      try attempts.settle(attempt, outcome: outcome, now: now)
      tally.add(.outcomes(outcome.ledgerWord))
      var settled = row
      settled.attempts += 1
      try move(settled, to: .unknown, .unknown, now: now)
      guard let checkout else { continue }
      _ = try planAfter(settled, of: checkout, policy: policies[content.shop], now: now)
    }
    return rows.count
  }
}

extension Summary {
  static func restoredFrom(_ database: Database) throws -> Moment? {
    try String.fetchOne(database, sql: "SELECT value FROM meta WHERE name = ?", arguments: [MetaTable.copiedAt])
      .flatMap(Int64.init).map(Moment.init(milliseconds:))
  }
}
