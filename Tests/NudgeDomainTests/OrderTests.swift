import NudgeDomain
import Testing

@Suite("Order") struct OrderTests {
  struct Row: Sendable {
    var story: String
    var order: Order
    var change: CheckoutChange
    var closes: Bool
  }

  static let rows: [Row] = [
    Row(story: "named by checkout id", order: .sample(checkoutID: "c-1"), change: .sample(at: 99), closes: true),
    Row(story: "named by order id", order: .sample(), change: .sample(orderID: "o-1", at: 99), closes: true),
    Row(story: "the order id serves as the checkout's", order: .sample(), change: .sample(id: "o-1"), closes: true),
    Row(
      story: "another checkout, another shopper", order: .sample(checkoutID: "c-2"), change: .sample(), closes: false),
    Row(story: "same customer", order: .sample(customerID: "7"), change: .sample(customerID: "7"), closes: true),
    Row(
      story: "same address, another case", order: .sample(email: "ANN@EXAMPLE.COM", at: 5), change: .sample(at: 5),
      closes: true),
    Row(
      story: "same address, but younger", order: .sample(email: "ann@example.com"), change: .sample(at: 1),
      closes: false),
    Row(
      story: "names one checkout, and the shopper has another",
      order: .sample(checkoutID: "c-2", email: "ann@example.com"),
      change: .sample(), closes: true),
    Row(story: "another shop's", order: .sample(shop: "b", checkoutID: "c-1"), change: .sample(), closes: false),
    Row(story: "nobody is not the same as nobody", order: .sample(), change: .sample(), closes: false),
  ]

  @Test("closes what the table says", arguments: rows)
  func closes(row: Row) {
    #expect(row.order.closes(row.change) == row.closes, "\(row.story)")
  }

  @Test("a repetition fills in what was left open and makes the order no younger")
  func merged() {
    let first = Order.sample(email: "ann@example.com", at: 5)
    let merged = first.merged(with: .sample(checkoutID: "c-1", email: "other@example.com", customerID: "7", at: 50))
    #expect(merged == .sample(checkoutID: "c-1", email: "ann@example.com", customerID: "7", at: 5))
    #expect(merged.merged(with: .sample(at: 2)).occurredAt == at(2))
    #expect(merged.merged(with: .sample(at: 60)) == merged)
    var undated = Order.sample(at: 2)
    undated.isTimeStated = false
    #expect(merged.merged(with: undated) == merged, "the clock was set back between the two")
  }

  @Test(
    "is answered as the shop wants",
    arguments: [
      (OrderMessagePolicy.never, true, false), (.never, false, false), (.whenCheckoutOpen, true, true),
      (.whenCheckoutOpen, false, false), (.always, true, true), (.always, false, true),
    ])
  func answers(policy: OrderMessagePolicy, closedOpenCheckout: Bool, expected: Bool) {
    #expect(policy.answers(closedOpenCheckout: closedOpenCheckout) == expected)
  }
}
