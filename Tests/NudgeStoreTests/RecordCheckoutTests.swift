import NudgeDomain
import Testing

@testable import NudgeStore

@Suite("Recording a checkout") struct RecordCheckoutTests {
  @Test("plans its first reminder, and says when")
  func first() async throws {
    try await withWorld { world in
      let receipt = try await world.checkout(at: 0)
      #expect(receipt.state == .open && receipt.generation == 1 && receipt.changed)
      #expect(receipt.nextReminderAt == at(30))
      #expect(try await world.store.nextDue() == at(30))
      #expect(try await world.story() == ["1 scheduled due"])
    }
  }

  @Test("again with the same content changes nothing")
  func repeated() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      let receipt = try await world.checkout(at: 5)
      #expect(!receipt.changed && receipt.generation == 1 && receipt.nextReminderAt == at(30))
      #expect(try await world.story() == ["1 scheduled due"])
    }
  }

  @Test("changed, begins its schedule again where the shop wants that")
  func restarted() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      let receipt = try await world.checkout(at: 5, content: "cup")
      #expect(receipt.changed && receipt.generation == 2 && receipt.nextReminderAt == at(35))
      #expect(try await world.story() == ["1 cancelled checkout_changed", "1 scheduled due"])
    }
  }

  @Test("changed, goes on where the shop wants that, and the mail shows the new content")
  func kept() async throws {
    try await withWorld { world in
      world.policy.onChange = .keep
      try await world.checkout(at: 0)
      let receipt = try await world.checkout(at: 5, content: "cup")
      #expect(receipt.changed && receipt.generation == 2 && receipt.nextReminderAt == at(30))
      #expect(try await world.claimOne(at: 30).content.checkoutContent == "cup")
    }
  }

  @Test("emptied, cancels what waits; filled again, begins anew")
  func emptied() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      let emptied = try await world.checkout(at: 5, content: "", isEmpty: true)
      #expect(emptied.state == .cancelled && emptied.nextReminderAt == nil)
      #expect(try await world.store.nextDue() == nil)
      let filled = try await world.checkout(at: 9)
      #expect(filled.state == .open && filled.generation == 3 && filled.nextReminderAt == at(39))
      #expect(try await world.story() == ["1 cancelled checkout_cancelled", "1 scheduled due"])
    }
  }

  @Test("of long ago, skips what is late and plans what is not")
  func old() async throws {
    try await withWorld { world in
      let receipt = try await world.checkout(at: 0, heard: 2 * 24 * 60)
      #expect(receipt.nextReminderAt == at(3 * 24 * 60))
      #expect(try await world.story() == ["1 skipped late", "2 skipped late", "3 scheduled due"])
    }
  }

  @Test("out of order, changes nothing")
  func stale() async throws {
    try await withWorld { world in
      try await world.checkout(at: 5, content: "cup")
      let receipt = try await world.checkout(at: 0, content: "mug", heard: 6)
      #expect(!receipt.changed && receipt.nextReminderAt == at(35))
      let record = try await world.store.checkout(CheckoutKey(shop: "default", id: "c-1"))
      #expect(record?.checkout.latest.content == "cup")
    }
  }

  @Test("names the reminders that are being handed over and are not wanted any more")
  func inFlight() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      let claim = try await world.claimOne(at: 30)
      #expect(try await world.checkout(at: 31, isEmpty: true).inFlight == [claim.messageID])
    }
  }

  @Test("of another shop with the same id is another checkout")
  func shops() async throws {
    try await withWorld { world in
      try await world.checkout(shop: "a")
      #expect(try await world.checkout(shop: "b").changed)
      #expect(try await world.store.summary(now: at(0)).checkoutsOpen == 2)
    }
  }

  @Test("in a batch, goes with its neighbours in one commit")
  func batch() async throws {
    try await withWorld { world in
      let before = world.store.commits
      let events = (0..<100).flatMap { number -> [ShopEvent] in
        let key = CheckoutKey(shop: "default", id: "c-\(number)")
        let email = "\(number)@example.com"
        return [
          .checkout(CheckoutChange(key: key, email: email, occurredAt: at(0), content: "mug")),
          .order(Order(shop: "default", id: "o-\(number)", email: email, occurredAt: at(1), content: "")),
        ]
      }
      let results = try await world.store.record(events, policies: world.policies, now: at(1))
      let closed = try results.map { try $0.get() }.compactMap { receipt in
        if case .order(let receipt) = receipt { receipt.closed } else { nil }
      }
      #expect(closed.flatMap(\.self) == (0..<100).map { "c-\($0)" })
      #expect(world.store.commits - before == 1)
    }
  }
}
