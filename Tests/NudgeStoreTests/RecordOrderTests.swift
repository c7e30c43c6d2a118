import NudgeDomain
import Testing

@testable import NudgeStore

@Suite("Recording an order") struct RecordOrderTests {
  struct Match: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var checkout: CheckoutChange
    var order: Order
    var closes: Bool

    init(
      _ story: String, closes: Bool = true, named orderID: String? = nil, email: String = "ann@example.com",
      customerID: String? = nil, begun: Int = 0, order: Order
    ) {
      testDescription = story
      checkout = CheckoutChange(
        key: CheckoutKey(shop: "default", id: "c-1"), orderID: orderID, email: email, customerID: customerID,
        occurredAt: at(begun), content: "mug")
      self.order = order
      self.closes = closes
    }
  }

  static func order(
    shop: String = "default", id: String = "o-1", checkoutID: String? = nil, email: String? = nil,
    customerID: String? = nil
  ) -> Order {
    Order(
      shop: shop, id: id, checkoutID: checkoutID, email: email, customerID: customerID, occurredAt: at(10),
      content: "receipt")
  }

  static let matches = [
    Match("by checkout id", order: order(checkoutID: "c-1")),
    Match("by checkout id, though younger", begun: 20, order: order(checkoutID: "c-1")),
    Match("by order id as the checkout's id", order: order(id: "c-1")),
    Match("by order id that the checkout names", named: "o-1", order: order()),
    Match("by e-mail without case", email: "Ann@Example.com", order: order(email: " ANN@example.COM")),
    Match("by e-mail beyond ASCII", email: "JÖRG@example.com", order: order(email: "jörg@EXAMPLE.com")),
    Match("by customer id", customerID: "42", order: order(email: "bob@example.com", customerID: "42")),
    Match("by e-mail at the same moment", begun: 10, order: order(email: "ann@example.com")),
    Match("not a younger one by e-mail", closes: false, begun: 11, order: order(email: "ann@example.com")),
    Match("not a younger one by customer", closes: false, customerID: "4", begun: 11, order: order(customerID: "4")),
    Match(
      "not another shop's", closes: false, order: order(shop: "other", checkoutID: "c-1", email: "ann@example.com")),
    Match("not another shopper's", closes: false, order: order(checkoutID: "c-2", email: "bob@example.com")),
  ]

  @Test("closes the checkout that came before it", arguments: matches)
  func after(match: Match) async throws {
    try await withWorld { world in
      _ = try await world.store.record(match.checkout, policy: world.policy, now: at(10))
      let receipt = try await world.store.record(match.order, policy: world.policy, now: at(20))
      #expect(receipt.closed == (match.closes ? ["c-1"] : []))
      #expect(receipt.remindersCancelled == (match.closes ? 1 : 0))
      #expect(receipt.orderMessageDue == (match.closes ? at(20) : nil))
      let expected = match.closes ? ["1 cancelled ordered", "order scheduled due"] : ["1 scheduled due"]
      #expect(try await world.story() == expected)
    }
  }

  @Test("closes the checkout that comes after it", arguments: matches)
  func before(match: Match) async throws {
    try await withWorld { world in
      let first = try await world.store.record(match.order, policy: world.policy, now: at(20))
      #expect(first.closed == [] && first.orderMessageDue == nil)
      let receipt = try await world.store.record(match.checkout, policy: world.policy, now: at(21))
      #expect(receipt.state == (match.closes ? .ordered : .open))
      #expect(try await world.story() == (match.closes ? [] : ["1 scheduled due"]))
      let record = try await world.store.checkout(match.checkout.key)
      #expect(record?.closedBy == (match.closes ? "o-1" : nil) || match.order.id == "c-1")
      #expect(record?.closedAt == (match.closes ? at(21) : nil))
    }
  }

  @Test("again changes nothing and sends nothing")
  func repeated() async throws {
    try await withWorld { world in
      try await world.checkout()
      try await world.order(email: "ann@example.com", at: 5)
      let again = try await world.order(email: "ann@example.com", at: 5, heard: 9)
      #expect(again.closed == [] && again.remindersCancelled == 0 && again.orderMessageDue == nil)
      #expect(try await world.story() == ["1 cancelled ordered", "order scheduled due"])
    }
  }

  @Test("again with a checkout that it did not name before closes that one, without a second message")
  func namedLater() async throws {
    try await withWorld { world in
      try await world.checkout("c-1")
      try await world.checkout("c-2", email: "bob@example.com")
      try await world.order(email: "ann@example.com", at: 5)
      let again = try await world.order(checkoutID: "c-2", at: 6)
      #expect(again.closed == ["c-2"] && again.remindersCancelled == 1 && again.orderMessageDue == nil)
    }
  }

  @Test("again with another checkout still closes the first one when it comes")
  func namesAnother() async throws {
    try await withWorld { world in
      try await world.checkout("c-2", email: "bob@example.com")
      try await world.order(checkoutID: "c-1", at: 5)
      #expect(try await world.order(checkoutID: "c-2", at: 6).closed == ["c-2"])
      #expect(try await world.checkout("c-1", at: 7).state == .ordered)
    }
  }

  @Test("is looked for by the name of a checkout only while that has yet to come")
  func awaiting() async throws {
    try await withWorld { world in
      try await world.checkout("c-1")
      try await world.order("o-1", checkoutID: "c-1")
      try await world.order("o-2", checkoutID: "c-2")
      try await world.order("o-1", checkoutID: "c-3")
      let awaiting = "SELECT order_id FROM shop_order WHERE checkout_hash IS NOT NULL ORDER BY 1"
      #expect(try await world.rows(awaiting) == ["o-1", "o-2"])
      for id in ["c-2", "c-3"] { #expect(try await world.checkout(id, email: "\(id)@example.com").state == .ordered) }
    }
  }

  @Test("again while the first one's reminder is in flight waits for it as well")
  func repeatedInFlight() async throws {
    try await withWorld { world in
      try await world.checkout()
      let claim = try await world.claimOne(at: 30)
      #expect(try await world.order(checkoutID: "c-1", at: 30).inFlight == [claim.messageID])
      #expect(try await world.order(checkoutID: "c-1", at: 30).inFlight == [claim.messageID])
      try await world.settle(claim, .accepted, at: 30)
      #expect(try await world.order(checkoutID: "c-1", at: 31).inFlight == [])
    }
  }

  @Test("that does not say when it happened is no older than what came before it, whatever the shop's clock says")
  func untimed() async throws {
    try await withWorld { world in
      try await world.checkout(at: 4, heard: 0)
      #expect(try await world.order(email: "ann@example.com", at: 1, isTimeStated: false).closed == ["c-1"])
      try await world.checkout("c-2", at: 6, heard: 2)
      #expect(try await world.order("o-2", email: "ann@example.com", at: 3, isTimeStated: true).closed == [])
      #expect(try await world.order("o-3", email: "ann@example.com", at: 3, isTimeStated: false).closed == ["c-2"])
    }
  }

  @Test("an older one does not close a checkout whose change says no time, though the clock was set back meanwhile")
  func clockSetBack() async throws {
    try await withWorld { world in
      try await world.order(email: "ann@example.com", at: 5, isTimeStated: false)
      try await world.checkout(at: 6, isTimeStated: false)
      let change = try await world.checkout(at: 4, isTimeStated: false, content: "two mugs")
      #expect(change.state == .open && change.generation == 2)
    }
  }

  @Test("again later does not close what the shopper began since")
  func begunSince() async throws {
    try await withWorld { world in
      try await world.order(email: "ann@example.com", at: 5)
      try await world.checkout(at: 7)
      #expect(try await world.order(email: "ann@example.com", at: 9).closed == [])
    }
  }

  @Test("closes all that is the shopper's, in one go")
  func several() async throws {
    try await withWorld { world in
      for id in ["c-1", "c-2", "c-3"] { try await world.checkout(id) }
      let receipt = try await world.order(checkoutID: "c-2", email: "ann@example.com", at: 5)
      #expect(Set(receipt.closed) == ["c-1", "c-2", "c-3"] && receipt.remindersCancelled == 3)
      #expect(try await world.story("c-2").last == "order scheduled due")
    }
  }

  @Test("without a checkout's name is answered with the shopper's latest cart")
  func latest() async throws {
    try await withWorld { world in
      try await world.checkout("c-1", at: 3, content: "latest")
      try await world.checkout("c-2", at: 1, content: "older")
      #expect(try await world.order(email: "ann@example.com", at: 5).closed == ["c-1", "c-2"])
      #expect(try await world.claimOne(at: 5).content.checkoutContent == "latest")
    }
  }

  @Test("closes an emptied checkout that it names, and answers it only if one was open")
  func emptied() async throws {
    try await withWorld { world in
      try await world.checkout()
      try await world.checkout(at: 1, isEmpty: true)
      let receipt = try await world.order(checkoutID: "c-1", at: 2)
      #expect(receipt.closed == ["c-1"] && receipt.orderMessageDue == nil)
      #expect(try await world.checkout(at: 3, content: "cup").state == .ordered)
    }
  }

  @Test("names what is being handed over")
  func inFlight() async throws {
    try await withWorld { world in
      try await world.checkout()
      let claim = try await world.claimOne(at: 30)
      let receipt = try await world.order(checkoutID: "c-1", at: 31)
      #expect(receipt.inFlight == [claim.messageID] && receipt.remindersCancelled == 0)
      #expect(try await world.settle(claim, .withdrawn, at: 31).reason == .ordered)
      #expect(try await world.story() == ["1 cancelled ordered", "order scheduled due"])
    }
  }

  @Test("gets its message as the shop wants it", arguments: OrderMessagePolicy.allCases)
  func message(wanted: OrderMessagePolicy) async throws {
    try await withWorld { world in
      world.policy.orderMessage = wanted
      try await world.checkout()
      let answered = try await world.order("o-1", email: "ann@example.com", at: 1)
      let alone = try await world.order("o-2", email: "bob@example.com", at: 1)
      #expect((answered.orderMessageDue != nil) == (wanted != .never))
      #expect((alone.orderMessageDue != nil) == (wanted == .always))
    }
  }

  @Test("without an address answers the checkout's shopper; without either, nobody")
  func address() async throws {
    try await withWorld { world in
      world.policy.orderMessage = .always
      try await world.checkout()
      try await world.order("o-1", checkoutID: "c-1", at: 1)
      let content = try await world.claimOne(at: 1).content
      #expect(content.to == "ann@example.com" && content.checkoutContent == "mug")
      #expect(content.orderContent == "receipt" && content.orderID == "o-1" && content.checkoutID == "c-1")
      #expect(try await world.order("o-2", at: 1).orderMessageDue == nil)
    }
  }

  @Test("that had no effect is forgotten after a while, others are not")
  func forget() async throws {
    try await withWorld { world in
      try await world.checkout()
      try await world.order("o-1", checkoutID: "c-1", at: 1)
      for number in 2..<12 { try await world.order("o-\(number)", email: "\(number)@example.com", at: number) }
      #expect(try await world.store.forget(before: at(7), limit: 3) == 3)
      #expect(try await world.store.forget(before: at(7), limit: 100) == 2)
      #expect(try await world.store.forget(before: at(7), limit: 100) == 0)
      #expect(try await world.checkout("c-5", email: "5@example.com", at: 5, heard: 8).state == .open)
      #expect(try await world.checkout("c-8", email: "8@example.com", at: 8).state == .ordered)
      #expect(try await world.store.forget(before: at(99), limit: 100) == 4)
    }
  }
}
