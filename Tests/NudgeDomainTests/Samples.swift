import NudgeDomain

/// Minutes after an arbitrary beginning: the unit in which these tests tell their stories.
func at(_ minutes: Int) -> Moment {
  Moment(milliseconds: 1_700_000_000_000).advanced(by: .minutes(minutes))
}

extension Duration {
  static func minutes(_ minutes: Int) -> Duration { .seconds(60 * minutes) }
  static func hours(_ hours: Int) -> Duration { .minutes(60 * hours) }
  static func days(_ days: Int) -> Duration { .hours(24 * days) }
}

extension CheckoutChange {
  static func sample(
    shop: String = "default", id: String = "c-1", orderID: String? = nil, email: String = "ann@example.com",
    customerID: String? = nil, at minute: Int = 0, content: String = "mug", isEmpty: Bool = false
  ) -> CheckoutChange {
    CheckoutChange(
      key: CheckoutKey(shop: shop, id: id), orderID: orderID, email: email, customerID: customerID,
      occurredAt: NudgeDomainTests.at(minute), content: content, isEmpty: isEmpty)
  }
}

extension Order {
  static func sample(
    shop: String = "default", id: String = "o-1", checkoutID: String? = nil, email: String? = nil,
    customerID: String? = nil, at minute: Int = 0
  ) -> Order {
    Order(
      shop: shop, id: id, checkoutID: checkoutID, email: email, customerID: customerID,
      occurredAt: NudgeDomainTests.at(minute), content: "")
  }
}
