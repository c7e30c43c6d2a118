import NudgeDomain
import NudgeMail
import NudgeStore
import Testing

@testable import NudgeDaemon

@Suite("Hold") struct HoldTests {
  @Test("a problem that every message would meet holds them all; one at a time tries it, more and more rarely")
  func probes() async throws {
    try await withDispatchWorld(maxInFlight: 1, script: { _ in .deferred(.sender, error: "paused") }) { world in
      for id in 1...5 { try await world.checkout("c-\(id)") }
      world.clock.advance(by: .seconds(1_800))
      let start = world.clock.now()
      try await world.tick()
      #expect(world.sender.letters.count == 1)
      #expect(
        world.dispatcher.status == .held(reason: "paused", since: start, probeAt: start.advanced(by: .seconds(30))))
      var wait = Duration.seconds(30)
      for probe in 2...9 {
        let early = wait - .milliseconds(1)
        world.clock.advance(by: early)
        try await world.tick()
        #expect(world.sender.letters.count == probe - 1, "no probe before its time")
        world.clock.advance(by: .milliseconds(1))
        try await world.tick()
        #expect(world.sender.letters.count == probe, "one probe at its time")
        wait = min(wait * 2, .seconds(900))
      }
      let tried = try await world.store.messages(MessageQuery(limit: 10)).elements
      #expect(tried.allSatisfy { $0.state == .scheduled }, "a hold burns no message")
    }
  }

  @Test("a probe that is taken ends the hold, and everything goes out")
  func recovers() async throws {
    try await withDispatchWorld(maxInFlight: 2, script: { _ in .deferred(.sender, error: "paused") }) { world in
      for id in 1...5 { try await world.checkout("c-\(id)") }
      world.clock.advance(by: .seconds(1_800))
      try await world.tick()
      world.sender.answers { _ in .accepted(providerID: nil) }
      world.clock.advance(by: .seconds(60))
      try await world.tick()
      #expect(world.dispatcher.status == .ok)
      for _ in 1...3 { try await world.tick() }
      #expect(try await world.messages() == Array(repeating: "sent/sent", count: 5))
    }
  }

  @Test("a server that is too busy slows us down and costs no attempt")
  func throttled() async throws {
    try await withDispatchWorld(rate: 4, script: { _ in .deferred(.throttled, error: "too fast") }) { world in
      for id in 1...20 { try await world.checkout("c-\(id)") }
      world.clock.advance(by: .seconds(1_800))
      try await world.tick()
      #expect(world.sender.letters.count == 4)
      world.clock.advance(by: .seconds(1))
      world.sender.answers { _ in .accepted(providerID: nil) }
      try await world.tick()
      #expect(world.sender.letters.count == 6)
      #expect(world.dispatcher.status == .ok)
    }
  }

  @Test("what was being handed over when nudged was killed is unknown; an order message goes out again")
  func interrupted() async throws {
    try await withDispatchWorld { world in
      try await world.checkout("c-1")
      try await world.checkout("c-2")
      world.clock.advance(by: .seconds(1_800))
      _ = try await world.order("o-2", closing: "c-2")
      let claims = try await world.store.claimDue(now: world.clock.now(), limit: 10, policies: world.policies)
      #expect(claims.claims.count == 2)
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await world.dispatcher.run() }
        _ = await world.clock.sleepBegins()
        world.clock.advance(by: .seconds(60))
        _ = await world.clock.sleepBegins()
        world.dispatcher.stop()
      }
      #expect(world.sender.letters.map(\.recipient) == ["c-2@example.com"])
      #expect(Set(try await world.messages()) == ["unknown/unknown", "cancelled/ordered", "sent/sent"])
    }
  }
}
