/// What a shop wants: the part of its configuration that the rules read.
package struct ShopPolicy: Hashable, Sendable {
  package var schedule: Schedule
  package var onChange: OnChange
  /// How long after its time a reminder still makes sense.
  package var maxLate: Duration
  package var orderMessage: OrderMessagePolicy
  package var resendsUnknownOrderMessage: Bool

  package init(
    schedule: Schedule = .standard, onChange: OnChange = .restart, maxLate: Duration = .seconds(43_200),
    orderMessage: OrderMessagePolicy = .whenCheckoutOpen, resendsUnknownOrderMessage: Bool = true
  ) {
    self.schedule = schedule
    self.onChange = onChange
    self.maxLate = maxLate
    self.orderMessage = orderMessage
    self.resendsUnknownOrderMessage = resendsUnknownOrderMessage
  }
}

/// The policies of all shops. A shop that the configuration does not name follows `standard`.
package struct Policies: Hashable, Sendable {
  package var standard: ShopPolicy
  package var shops: [String: ShopPolicy]
  package var retry: RetryPolicy

  package init(standard: ShopPolicy = .init(), shops: [String: ShopPolicy] = [:], retry: RetryPolicy = .standard) {
    self.standard = standard
    self.shops = shops
    self.retry = retry
  }

  package subscript(shop: String) -> ShopPolicy { shops[shop] ?? standard }
}
