import NudgeDomain
import NudgeMail
import NudgeStore
import Testing

@testable import NudgeDaemon

@Suite("Held templates") struct HeldTemplateTests {
  private static let broken = #"{"name":"Ann\r\nBcc: eve@example.com"}"#

  @Test("what fails for one shop holds that shop's reminders; a reload that mends it sends them all")
  func shop() async throws {
    try await withDispatchWorld(maxInFlight: 4) { world in
      for id in 1...40 { try await world.checkout("bad-\(id)", content: Self.broken) }
      world.clock.advance(by: .seconds(1_800))
      for _ in 1...30 { try await world.tick() }
      let held = try #require(await world.store.heldStreams(limit: 10).first)
      #expect(held.shop == "default" && held.kind == .reminder(step: 1) && held.messages == 37)
      let dead = try await world.store.messages(MessageQuery(states: [.dead])).elements
      #expect(dead.count == 3 && dead.allSatisfy { $0.reason == .renderFailed })
      #expect(world.sender.letters.isEmpty)

      try await world.execute("UPDATE checkout SET content = '{}'")
      await world.dispatcher.replace(desk: world.dispatcher.desk, sender: world.sender)
      for _ in 1...30 { try await world.tick() }
      #expect(world.sender.letters.count == 37)
      #expect(try await world.store.heldStreams(limit: 10).isEmpty)
    }
  }

  @Test("an order message goes out while the shop's reminders are held, and the loop sleeps until the next try")
  func apart() async throws {
    try await withDispatchWorld(maxInFlight: 4) { world in
      for id in 1...10 { try await world.checkout("bad-\(id)", content: Self.broken) }
      world.clock.advance(by: .seconds(1_800))
      var next: Moment?
      for _ in 1...12 { next = try await world.tick() }
      #expect(next == world.clock.now().advanced(by: FailingStream.firstWait))
      try await world.checkout("good", at: world.clock.now())
      _ = try await world.order("o-1", closing: "good")
      try await world.tick()
      #expect(world.sender.letters.map(\.recipient) == ["good@example.com"])
    }
  }
}
