package import NudgeDomain

/// Leave to hand one message over, once. Its row in the ledger is on disk.
package struct Claim: Hashable, Sendable {
  package var messageID: Int64
  /// The row in the ledger.
  package var attemptID: Int64
  /// Which hand-over of the message this is, from 1; free ones not counted.
  package var attempt: Int
  package var kind: Message.Kind
  package var generation: Int
  package var shop: String
  package var content: ClaimContent
}

/// What a message is composed from.
package struct ClaimContent: Hashable, Sendable {
  package var shop: String
  package var kind: Message.Kind
  /// The shopper's e-mail address.
  package var to: String
  package var checkoutID: String?
  package var orderID: String?
  package var checkoutContent: String?
  package var orderContent: String?
  /// A random name of this database, so that ids made from its row numbers are unique in the world.
  package var instance: String
  /// When the message was planned: the same for each hand-over.
  package var createdAt: Moment
  /// When the order, or the checkout's last change, happened.
  package var occurredAt: Moment?
}

/// What is due now.
package struct Claims: Hashable, Sendable {
  package var claims: [Claim]
  /// When the earliest order message that still waits is due: in the past if the limit was reached.
  package var nextOrder: Moment?
  /// The same of the reminders.
  package var nextReminder: Moment?

  /// When the earliest message that still waits is due.
  package var next: Moment? { [nextOrder, nextReminder].compactMap { $0 }.min() }
}

/// What became of a claim.
package struct Settlement: Hashable, Sendable {
  package var state: Message.State
  package var reason: Reason
  /// The earliest moment that this made due: the next try, or the checkout's next reminder.
  package var nextDue: Moment?
  /// False if the claim was settled before: then nothing was changed.
  package var settled: Bool
  /// What it changed for the other messages of the same shop and kind.
  package var stream: StreamNews?
}
