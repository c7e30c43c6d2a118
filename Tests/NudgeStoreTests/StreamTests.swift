import NudgeDomain
import Testing

@testable import NudgeStore

@Suite("Failing templates") struct StreamTests {
  private let failed = Outcome.renderFailed(error: "no {{name}}")

  /// Open checkouts of a shop whose reminders are due at minute 30.
  private func fill(_ world: World, shop: String, _ numbers: ClosedRange<Int>) async throws {
    for number in numbers {
      try await world.checkout("c-\(number)", shop: shop, email: "\(shop)-\(number)@example.com")
    }
  }

  private func count(_ world: World, shop: String) async throws -> [String: Int] {
    let page = try await world.store.messages(MessageQuery(shop: shop, limit: 1_000)).elements
    return Dictionary(grouping: page) { "\($0.state.rawValue) \($0.reason.rawValue)" }.mapValues(\.count)
  }

  /// Lets the first three of shop "bad" fail, one after the other.
  private func hold(_ world: World) async throws {
    for _ in 1...3 {
      try await world.settle(#require(await world.claim(at: 30, limit: 1).claims.first), failed, at: 30)
    }
  }

  @Test("three failures in a row hold the rest of the shop's messages of that kind, which burns none of them")
  func holds() async throws {
    try await withWorld { world in
      try await fill(world, shop: "bad", 1...20)
      try await hold(world)
      try await fill(world, shop: "good", 1...5)
      let claims = try await world.claim(at: 30).claims
      #expect(claims.map(\.shop) == Array(repeating: "good", count: 5))
      let bad = try await count(world, shop: "bad")
      #expect(bad["dead render_failed"] == 3 && bad["scheduled held"] == 17)
      let held = try await world.store.heldStreams(limit: 10)
      #expect(
        held == [
          HeldStream(
            shop: "bad", kind: .reminder(step: 1), error: "no {{name}}", since: at(30), probeAt: at(31), messages: 17)
        ])
      #expect(
        try await world.rows(
          "SELECT count(*) FROM attempt WHERE message IN (SELECT id FROM message WHERE held IS NOT NULL)") == ["0"])
      #expect(try await world.rows("SELECT shop, kind, step, messages FROM held_templates") == ["bad|reminder|1|17"])
      try await world.expectTrueTally()
    }
  }

  @Test("what was claimed when the stream was held does not burn either")
  func inFlight() async throws {
    try await withWorld { world in
      try await fill(world, shop: "bad", 1...10)
      let claims = try await world.claim(at: 30).claims
      var news: [StreamNews?] = []
      for claim in claims { news.append(try await world.settle(claim, failed, at: 30).stream) }
      #expect(news == [nil, nil, .held] + Array(repeating: nil, count: 7))
      #expect(try await count(world, shop: "bad")["scheduled held"] == 7)
      #expect(try await world.claim(at: 30).next == at(31))
      try await world.expectTrueTally()
    }
  }

  @Test("a success between is a success: single bad events become dead letters and hold nothing")
  func streak() async throws {
    try await withWorld { world in
      try await fill(world, shop: "mixed", 1...12)
      for number in 1...12 {
        let claim = try #require(await world.claim(at: 30, limit: 1).claims.first)
        try await world.settle(claim, number % 3 == 0 ? .delivered(.accepted) : failed, at: 30)
      }
      #expect(try await world.store.heldStreams(limit: 10).isEmpty)
      #expect(try await count(world, shop: "mixed")["dead render_failed"] == 8)
    }
  }

  @Test("one at a time tries it, more and more rarely, another one each time; its failure costs nothing")
  func probes() async throws {
    try await withWorld { world in
      try await fill(world, shop: "bad", 1...6)
      try await hold(world)
      #expect(try await world.claim(at: 30).claims.isEmpty)
      var minute = 31
      var tried: [Int64] = []
      for wait in [2, 4, 8, 16] {
        #expect(try await world.claim(at: minute - 1).claims.isEmpty)
        let claim = try await world.claimOne(at: minute)
        #expect(try await world.claim(at: minute).claims.isEmpty, "one at a time")
        try await world.settle(claim, failed, at: minute)
        tried.append(claim.messageID)
        minute += wait
      }
      #expect(Set(tried.prefix(3)).count == 3 && tried[3] == tried[0])
      #expect(try await count(world, shop: "bad")["scheduled held"] == 3)
      let records = try await world.store.messages(MessageQuery(reason: .held)).elements
      #expect(records.allSatisfy { $0.attempts.allSatisfy { $0.outcome == "render_failed" } })
      try await world.expectTrueTally()
    }
  }

  @Test("a message that can be composed again releases all of them, and the next reminders are not held")
  func releases() async throws {
    try await withWorld { world in
      try await fill(world, shop: "bad", 1...6)
      try await hold(world)
      #expect(try await world.claim(at: 30).claims.isEmpty)
      let settlement = try await world.settle(world.claimOne(at: 31), .accepted, at: 31)
      #expect(settlement.stream == .released && settlement.nextDue == at(31))
      let claims = try await world.claim(at: 31)
      #expect(claims.claims.count == 2 && claims.claims.allSatisfy { $0.attempt == 1 })
      for claim in claims.claims { try await world.settle(claim, .accepted, at: 31) }
      #expect(try await world.rows("SELECT count(*) FROM failing_stream") == ["0"])
      #expect(try await count(world, shop: "bad")["sent sent"] == 3)
      try await world.expectTrueTally()
    }
  }

  @Test("thousands are released part by part, oldest first, while others go on")
  func releasesMany() async throws {
    try await withWorld { world in
      let events = (1...2_500).map { number in
        ShopEvent.checkout(
          CheckoutChange(
            key: CheckoutKey(shop: "bad", id: "c-\(number)"), email: "\(number)@example.com",
            occurredAt: at(0).advanced(by: .milliseconds(number)), content: ""))
      }
      _ = try await world.store.record(events, policies: world.policies, now: at(0))
      for _ in 1...3 {
        try await world.settle(#require(await world.claim(at: 31, limit: 1).claims.first), failed, at: 31)
      }
      while let next = try await world.claim(at: 31, limit: 1).next, next <= at(31) {}
      #expect(try await world.store.heldStreams(limit: 1).first?.messages == 2_497)
      try await world.settle(world.claimOne(at: 32), .accepted, at: 32)
      var claimed: [Int64] = []
      while case let claims = try await world.claim(at: 32, limit: 400).claims, !claims.isEmpty {
        claimed += claims.map(\.messageID)
        for claim in claims { try await world.settle(claim, .accepted, at: 32) }
      }
      #expect(claimed.count == 2_496)
      #expect(claimed == claimed.sorted())
      #expect(try await world.rows("SELECT count(*) FROM failing_stream") == ["0"])
      try await world.expectTrueTally()
    }
  }

  @Test("what waits is still stopped by its order, and passed over when it is too late")
  func stillDecided() async throws {
    try await withWorld { world in
      world.policy.orderMessage = .never
      try await fill(world, shop: "bad", 1...6)
      try await hold(world)
      #expect(try await world.claim(at: 30).claims.isEmpty)
      let receipt = try await world.order("o-4", shop: "bad", checkoutID: "c-4", at: 31)
      #expect(receipt.remindersCancelled == 1 && receipt.inFlight.isEmpty)
      #expect(try await world.claim(at: 60 * 13).claims.isEmpty)
      let story = try await world.story("c-5", shop: "bad")
      #expect(story == ["1 skipped late", "2 scheduled due"])
      #expect(try await count(world, shop: "bad")["scheduled held"] == nil)
      try await world.expectTrueTally()
    }
  }

  @Test("order messages and reminders of a shop, and its steps, are held apart")
  func apart() async throws {
    try await withWorld { world in
      try await fill(world, shop: "bad", 1...6)
      try await hold(world)
      try await world.order("o-5", shop: "bad", checkoutID: "c-5", at: 30)
      #expect(try await world.claimOne(at: 30).kind == .order)
    }
  }

  @Test("a reload, or a person who asks for one of them, tries it at once")
  func atOnce() async throws {
    try await withWorld { world in
      try await fill(world, shop: "bad", 1...6)
      try await hold(world)
      #expect(try await world.claim(at: 30).claims.isEmpty)
      try await world.store.tryHeldStreams(now: at(30))
      try await world.settle(world.claimOne(at: 30), failed, at: 30)
      let dead = try #require(await world.store.messages(MessageQuery(states: [.dead])).elements.first)
      _ = try await world.store.retry([dead.id], now: at(30))
      let claim = try await world.claimOne(at: 30)
      #expect(claim.messageID == dead.id)
      try await world.settle(claim, failed, at: 30)
      #expect(try await world.store.message(dead.id)?.reason == .held)
      try await world.expectTrueTally()
    }
  }

  @Test("a hold survives a restart")
  func restart() async throws {
    try await withWorld { world in
      try await fill(world, shop: "bad", 1...6)
      try await hold(world)
      #expect(try await world.claim(at: 30).claims.isEmpty)
      await world.store.close()
      let again = World(path: world.path, store: try Store(path: world.path, now: at(30)))
      #expect(try await again.claim(at: 30).claims.isEmpty)
      #expect(try await again.claimOne(at: 31).kind == .reminder(step: 1))
      await again.store.close()
    }
  }
}
