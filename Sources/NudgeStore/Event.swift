package import NudgeDomain

/// What a shop tells.
package enum ShopEvent: Hashable, Sendable {
  case checkout(CheckoutChange)
  case order(Order)
}

/// What became of it.
package enum EventReceipt: Hashable, Sendable {
  case checkout(CheckoutReceipt)
  case order(OrderReceipt)
}

/// What a checkout event led to.
package struct CheckoutReceipt: Hashable, Sendable {
  package var key: CheckoutKey
  package var state: Checkout.State
  package var generation: Int
  /// False if the event said nothing new.
  package var changed: Bool
  /// When the next reminder is due; nil if none waits.
  package var nextReminderAt: Moment?
  /// Reminders that a hand-over may have begun for and that this event made unwanted.
  package var inFlight: [Int64]
}

/// What an order led to.
package struct OrderReceipt: Hashable, Sendable {
  package var orderID: String
  /// The checkouts that this order closed, by the names that the shop gave them.
  package var closed: [String]
  /// How many reminders waited for their time and do so no more.
  package var remindersCancelled: Int
  /// Reminders of the closed checkouts that a hand-over may have begun for.
  package var inFlight: [Int64]
  /// When the order message is due; nil if the order gets none.
  package var orderMessageDue: Moment?
}
