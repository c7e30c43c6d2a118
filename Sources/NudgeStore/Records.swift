package import NudgeDomain

/// One hand-over, as the ledger has it.
package struct AttemptRecord: Hashable, Sendable {
  package var id: Int64
  package var startedAt: Moment
  /// Nil while the hand-over may be going on.
  package var settledAt: Moment?
  /// `accepted`, `deferred`, `refused`, `unknown`, `withdrawn` or `render_failed`.
  package var outcome: String?
  package var providerID: String?
  package var error: String?
}

/// What an operator did, as it was written down.
package struct OperatorRecord: Hashable, Sendable {
  package var at: Moment
  /// Nil if nobody could say who it was.
  package var who: Operator?
  package var action: OperatorAction
}

/// One message, with all that was tried.
package struct MessageRecord: Hashable, Sendable {
  package var id: Int64
  package var shop: String
  package var checkoutID: String?
  package var orderID: String?
  package var kind: Message.Kind
  package var email: String
  package var state: Message.State
  package var reason: Reason
  package var dueAt: Moment
  package var generation: Int
  package var createdAt: Moment
  package var settledAt: Moment?
  package var attempts: [AttemptRecord]
  /// What operators did to it, the oldest first, as far as it is remembered.
  package var actions: [OperatorRecord] = []
}

/// Where the mail of a message would go to.
package struct MessageAddress: Hashable, Sendable {
  package var id: Int64
  /// As the checkout or the order has it now.
  package var address: String
}

/// One checkout, with what became of it.
package struct CheckoutRecord: Hashable, Sendable {
  /// What a page goes on after.
  package var id: Int64
  package var checkout: Checkout
  package var createdAt: Moment
  package var changedAt: Moment
  /// When it was ordered or cancelled; nil while it is open.
  package var closedAt: Moment?
  /// The id of the order that closed it.
  package var closedBy: String?
  package var nextReminderAt: Moment?
}

/// A part of a list.
package struct Page<Element: Sendable>: Sendable {
  package var elements: [Element]
  /// What the next page goes on after; nil at the end.
  package var next: Int64?
}

extension Page: Equatable where Element: Equatable {}
extension Page: Hashable where Element: Hashable {}
