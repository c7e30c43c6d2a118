package import NudgeDomain

/// The whole store in a few numbers, none of them counted when asked for.
package struct Summary: Hashable, Sendable {
  package var checkouts: [Checkout.State: Int]
  package var messages: [Message.State: Int]
  /// Messages by the reason for the state that they are in.
  package var reasons: [Reason: Int]
  /// Settled hand-overs by the word that the ledger has for their outcome.
  package var outcomes: [String: Int]
  /// Events that were taken, repeated ones included.
  package var checkoutEvents: Int
  package var orderEvents: Int
  package var nextDueAt: Moment?
  /// How long the most overdue message has been waiting.
  package var oldestDueLag: Duration
  package var databaseBytes: Int64
  package var walBytes: Int64
  package var paused: Bool

  package var checkoutsOpen: Int { checkouts[.open, default: 0] }
  package var checkoutsTotal: Int { checkouts.values.reduce(0, +) }
  package var messagesScheduled: Int { messages[.scheduled, default: 0] }
  package var messagesSending: Int { messages[.sending, default: 0] }
  package var messagesDead: Int { messages[.dead, default: 0] }
  package var messagesUnknown: Int { messages[.unknown, default: 0] }
  package var sentTotal: Int { messages[.sent, default: 0] }
  package var eventsTotal: Int { checkoutEvents + orderEvents }
}
