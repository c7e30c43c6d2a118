/// An order: the event that ends a checkout.
package struct Order: Hashable, Sendable {
  package var shop: String
  package var id: String
  package var checkoutID: String?
  package var email: String?
  package var customerID: String?
  package var occurredAt: Moment
  /// False if the shop did not say when it happened, so that `occurredAt` is when it was heard.
  package var isTimeStated: Bool
  /// The order as the shop described it. The rules never read it.
  package var content: String

  package init(
    shop: String, id: String, checkoutID: String? = nil, email: String? = nil, customerID: String? = nil,
    occurredAt: Moment, isTimeStated: Bool = true, content: String
  ) {
    self.shop = shop
    self.id = id
    self.checkoutID = checkoutID
    self.email = email
    self.customerID = customerID
    self.occurredAt = occurredAt
    self.isTimeStated = isTimeStated
    self.content = content
  }

  package var shopper: Shopper { Shopper(email: email, customerID: customerID) }

  /// True if this order closes the checkout: it names it, by checkout id or by order id; or it is the same shopper's and
  /// the checkout is not younger than the order. Shops do not mix.
  package func closes(_ change: CheckoutChange) -> Bool {
    guard shop == change.key.shop else { return false }
    return names(change) || isSameShoppers(change)
  }

  private func names(_ change: CheckoutChange) -> Bool {
    checkoutID == change.key.id || id == change.key.id || id == change.orderID
  }

  private func isSameShoppers(_ change: CheckoutChange) -> Bool {
    shopper.isSame(as: change.shopper) && change.occurredAt <= occurredAt
  }

  /// This order when it is first heard, with its time settled: one that does not say when it happened is no older than
  /// what was heard of the shopper before, whatever the clocks of the shop and of this machine say.
  ///
  /// - Parameter latest: when the latest of the shopper's open checkouts last changed.
  package func dated(after latest: Moment?) -> Order {
    guard !isTimeStated, let latest else { return self }
    var dated = self
    dated.occurredAt = max(occurredAt, latest)
    return dated
  }

  /// This order after `later`, a repetition of it, has been heard: what the first one left open is filled in, and the
  /// order is no younger than its first word, so that a repetition does not close what the shopper began since. One that
  /// does not say when it happened says nothing of the time, though the clock may have been set back.
  package func merged(with later: Order) -> Order {
    var merged = self
    merged.checkoutID = later.checkoutID ?? checkoutID
    merged.email = email ?? later.email
    merged.customerID = customerID ?? later.customerID
    if later.isTimeStated { merged.occurredAt = min(occurredAt, later.occurredAt) }
    return merged
  }
}

/// When a shop answers an order with a message.
package enum OrderMessagePolicy: String, CaseIterable, Sendable {
  case never
  case whenCheckoutOpen = "when_checkout_open"
  case always

  /// Decides whether a new order gets its message. A repeated one never does.
  package func answers(closedOpenCheckout: Bool) -> Bool {
    switch self {
    case .never: false
    case .whenCheckoutOpen: closedOpenCheckout
    case .always: true
    }
  }
}
