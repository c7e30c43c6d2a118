import GRDB
package import NudgeDomain

/// The whole store in a few numbers, none of them counted when asked for.
package struct Summary: Hashable, Sendable {
  package var checkouts: [Checkout.State: Int]
  package var messages: [Message.State: Int]
  /// Messages by the reason for the state that they are in.
  package var reasons: [Reason: Int]
  /// Settled hand-overs by the word that the ledger has for their outcome.
  package var outcomes: [LedgerWord: Int]
  /// Events that were taken, repeated ones included.
  package var checkoutEvents: Int
  package var orderEvents: Int
  package var nextDueAt: Moment?
  /// How long the most overdue message has been waiting.
  package var oldestDueLag: Duration
  package var databaseBytes: Int64
  package var walBytes: Int64
  package var paused: Bool
  /// When the database was copied, if it is a copy that nobody has taken on yet; `paused` is true then.
  package var restoredFrom: Moment?

  package var checkoutsOpen: Int { checkouts[.open, default: 0] }
  package var checkoutsTotal: Int { checkouts.values.reduce(0, +) }
  package var messagesScheduled: Int { messages[.scheduled, default: 0] }
  package var messagesSending: Int { messages[.sending, default: 0] }
  package var messagesDead: Int { messages[.dead, default: 0] }
  package var messagesUnknown: Int { messages[.unknown, default: 0] }
  package var sentTotal: Int { messages[.sent, default: 0] }
  package var eventsTotal: Int { checkoutEvents + orderEvents }
}

extension Summary {
  init(_ database: Database, now: Moment, databaseBytes: Int64, walBytes: Int64) throws {
    let rows = try Row.fetchAll(database, sql: "SELECT name, value FROM tally")
    let tally = Dictionary(uniqueKeysWithValues: rows.map { ($0["name"] as String, $0["value"] as Int) })
    let earliest = try Int64.fetchOne(database, sql: "SELECT \(Message.Lane.earliestDue)")
    let nextDue = earliest.map(Moment.init)
    self.init(
      checkouts: tally.counts { .checkouts($0) }, messages: tally.counts { .messages($0) },
      reasons: tally.counts { .reasons($0) },
      outcomes: tally.counts { .outcomes($0) },
      checkoutEvents: tally[.checkoutEvents], orderEvents: tally[.orderEvents], nextDueAt: nextDue,
      oldestDueLag: max(.zero, nextDue.map(now.since) ?? .zero), databaseBytes: databaseBytes, walBytes: walBytes,
      paused: try Self.isPaused(database), restoredFrom: try Self.restoredFrom(database))
  }

  static func isPaused(_ database: Database) throws -> Bool {
    try Bool.fetchOne(database, sql: MetaTable.isPaused) ?? false
  }
}

extension [String: Int] {
  fileprivate subscript(tally: Tally) -> Int { self[tally.name, default: 0] }

  fileprivate func counts<T: Hashable & CaseIterable>(_ tally: (T) -> Tally) -> [T: Int] {
    [T: Int](uniqueKeysWithValues: T.allCases.map { ($0, self[tally($0)]) })
  }
}
