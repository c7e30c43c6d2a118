import NudgeDomain
import Testing

@Suite("Checkout") struct CheckoutTests {
  /// A checkout of minute 10 with `mug` in it, begun at minute 0 with something else.
  static let open = Checkout(
    state: .open, generation: 2, scheduleGeneration: 2, anchor: at(10), latest: .sample(at: 10))

  static func known(_ state: Checkout.State, _ latest: CheckoutChange = .sample(at: 10)) -> Checkout {
    var checkout = open
    checkout.state = state
    checkout.latest = latest
    return checkout
  }

  @Test("the first event opens it, unless it is empty or ordered before")
  func first() {
    func decide(_ change: CheckoutChange, isOrdered: Bool = false) -> CheckoutDecision {
      Checkout.decide(on: change, known: nil, isOrdered: isOrdered, onChange: .restart)
    }
    func checkout(_ state: Checkout.State, _ change: CheckoutChange) -> Checkout {
      Checkout(state: state, generation: 1, scheduleGeneration: 1, anchor: at(5), latest: change)
    }
    let change = CheckoutChange.sample(at: 5)
    let empty = CheckoutChange.sample(at: 5, isEmpty: true)
    #expect(decide(change) == .changed(checkout(.open, change), reminders: .restart))
    #expect(decide(empty) == .changed(checkout(.cancelled, empty), reminders: .cancel(.checkoutCancelled)))
    #expect(decide(change, isOrdered: true) == .changed(checkout(.ordered, change), reminders: .cancel(.ordered)))
    #expect(decide(empty, isOrdered: true) == .changed(checkout(.ordered, empty), reminders: .cancel(.ordered)))
  }

  struct Row: Sendable {
    var story: String
    var known: Checkout
    var change: CheckoutChange
    var isOrdered = false
    var onChange = OnChange.restart
    /// State, generation, generation of the schedule, minute of the anchor, effect. Nil: unchanged.
    var expected: (Checkout.State, Int, Int, Int, ReminderEffect)?
  }

  static let rows: [Row] = [
    Row(story: "the same again", known: open, change: .sample(at: 10)),
    Row(story: "the same again, later", known: open, change: .sample(at: 20)),
    Row(story: "older news", known: open, change: .sample(at: 9, content: "cup")),
    Row(
      story: "as old, but different: the later arrival counts", known: open, change: .sample(at: 10, content: "cup"),
      expected: (.open, 3, 3, 10, .restart)),
    Row(
      story: "new content restarts", known: open, change: .sample(at: 20, content: "cup"),
      expected: (.open, 3, 3, 20, .restart)),
    Row(
      story: "new content keeps the schedule where the shop wants it", known: open,
      change: .sample(at: 20, content: "cup"), onChange: .keep, expected: (.open, 3, 2, 10, .keep)),
    Row(
      story: "another address is a change", known: open, change: .sample(email: "bob@example.com", at: 20),
      expected: (.open, 3, 3, 20, .restart)),
    Row(
      story: "emptied", known: open, change: .sample(at: 20, content: "", isEmpty: true),
      expected: (.cancelled, 3, 2, 10, .cancel(.checkoutCancelled))),
    Row(
      story: "emptied, where changes keep the schedule", known: open,
      change: .sample(at: 20, content: "", isEmpty: true), onChange: .keep,
      expected: (.cancelled, 3, 2, 10, .cancel(.checkoutCancelled))),
    Row(
      story: "emptied twice", known: known(.cancelled, .sample(at: 10, content: "", isEmpty: true)),
      change: .sample(at: 20, content: "", isEmpty: true)),
    Row(
      story: "emptied twice, and the shopper has ordered something in between",
      known: known(.cancelled, .sample(at: 10, content: "", isEmpty: true)),
      change: .sample(at: 20, content: "", isEmpty: true), isOrdered: true),
    Row(
      story: "filled again: begins anew, whatever the shop wants of changes",
      known: known(.cancelled, .sample(at: 10, content: "", isEmpty: true)), change: .sample(at: 20), onChange: .keep,
      expected: (.open, 3, 3, 20, .restart)),
    Row(story: "anything after the order", known: known(.ordered), change: .sample(at: 20, content: "cup")),
    Row(story: "emptied after the order", known: known(.ordered), change: .sample(at: 20, content: "", isEmpty: true)),
    Row(
      story: "news that an order was waiting for", known: open, change: .sample(orderID: "o-1", at: 20),
      isOrdered: true, expected: (.ordered, 3, 2, 10, .cancel(.ordered))),
    Row(
      story: "older news that an order was waiting for", known: open, change: .sample(orderID: "o-1", at: 5),
      isOrdered: true, expected: (.ordered, 3, 2, 10, .cancel(.ordered))),
  ]

  @Test("an event changes what is known as the table says", arguments: rows)
  func change(row: Row) {
    let decision = Checkout.decide(
      on: row.change, known: row.known, isOrdered: row.isOrdered, onChange: row.onChange)
    guard let expected = row.expected else {
      #expect(decision == .unchanged, "\(row.story)")
      return
    }
    let isNews = row.change.occurredAt >= row.known.latest.occurredAt
    let checkout = Checkout(
      state: expected.0, generation: expected.1, scheduleGeneration: expected.2, anchor: at(expected.3),
      latest: isNews ? row.change : row.known.latest)
    #expect(decision == .changed(checkout, reminders: expected.4), "\(row.story)")
  }

  @Test("addresses are compared without case and surrounding space")
  func emailKey() {
    #expect(Shopper(email: " Ann@Example.COM ").isSame(as: Shopper(email: "ann@example.com")))
    #expect(Shopper.emailKey(of: "ÄNN@example.com") == "änn@example.com")
    #expect(!Shopper(email: nil).isSame(as: Shopper(email: nil)))
    #expect(Shopper(email: "a@x.example", customerID: "7").isSame(as: Shopper(email: nil, customerID: "7")))
    #expect(!Shopper(email: nil, customerID: "7").isSame(as: Shopper(email: "a@x.example")))
  }
}
