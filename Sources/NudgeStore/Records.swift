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

/// Which checkouts to list: those that every given value applies to, newest first.
package struct CheckoutQuery: Hashable, Sendable {
  package var state: Checkout.State?
  package var shop: String?
  /// Compared without case.
  package var email: String?
  package var limit: Int
  /// Where the page before ended.
  package var after: Int64?

  package init(
    state: Checkout.State? = nil, shop: String? = nil, email: String? = nil, limit: Int = 100, after: Int64? = nil
  ) {
    self.state = state
    self.shop = shop
    self.email = email
    self.limit = limit
    self.after = after
  }
}

/// Which messages to list: those that every given value applies to, newest first.
package struct MessageQuery: Hashable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case reminder
    case order
  }

  /// Any of these; all if empty.
  package var states: [Message.State]
  package var shop: String?
  /// Compared without case.
  package var email: String?
  /// Its reminders, and the messages of the orders that closed it.
  package var checkout: CheckoutKey?
  package var kind: Kind?
  package var reason: Reason?
  package var limit: Int
  /// Where the page before ended.
  package var after: Int64?

  package init(
    states: [Message.State] = [], shop: String? = nil, email: String? = nil, checkout: CheckoutKey? = nil,
    kind: Kind? = nil, reason: Reason? = nil, limit: Int = 100, after: Int64? = nil
  ) {
    self.states = states
    self.shop = shop
    self.email = email
    self.checkout = checkout
    self.kind = kind
    self.reason = reason
    self.limit = limit
    self.after = after
  }
}

/// A part of a list.
package struct Page<Element: Sendable>: Sendable {
  package var elements: [Element]
  /// What the next page goes on after; nil at the end.
  package var next: Int64?
}

extension Page: Equatable where Element: Equatable {}
extension Page: Hashable where Element: Hashable {}
