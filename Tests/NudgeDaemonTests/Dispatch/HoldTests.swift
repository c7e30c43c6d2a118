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
    try await withDispatchWorld(maxInFlight: 3, script: { _ in .deferred(.sender, error: "paused") }) { world in
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

  @Test("a message that alone blames the server holds the others once at most, and ends dead")
  func poison() async throws {
    let script: @Sendable (Letter) -> Delivery? = { letter in
      letter.recipient.hasPrefix("b") ? .deferred(.sender, error: "not verified") : .accepted(providerID: nil)
    }
    try await withDispatchWorld(script: script) { world in
      try await world.checkout("b")
      world.clock.advance(by: .seconds(1_800))
      var holds: Set<Moment> = []
      var round = 0
      while try await world.messages().first != "dead/attempts_exhausted", round < 200 {
        round += 1
        try await world.checkout("a-\(round)", at: world.clock.now())
        world.clock.advance(by: .seconds(1_800))
        for _ in 1...4 {
          try await world.tick()
          if case .held(_, let since, let probeAt) = world.dispatcher.status {
            holds.insert(since)
            world.clock.advance(by: max(probeAt.since(world.clock.now()), .seconds(60)))
          }
        }
        let story = try await world.messages()
        #expect(story.last == "sent/sent", "round \(round): \(story), \(world.dispatcher.status)")
      }
      #expect(holds.count == 1)
      let messages = try await world.messages()
      #expect(messages == ["dead/attempts_exhausted"] + Array(repeating: "sent/sent", count: round))
    }
  }

  private let blaming = Outcome.delivered(.deferred(.sender, error: "no"))
  private let accepted = Outcome.delivered(.accepted(providerID: nil))

  @Test("what the server took before mail was held does not put the blame on a message")
  func outage() {
    var blame = Blame()
    #expect(blame.judge(blaming, of: 1, isHeld: false) == blaming)
    _ = blame.judge(accepted, of: 2, isHeld: true)
    blame.holdBegins()
    #expect(blame.judge(blaming, of: 1, isHeld: true) == blaming)
    _ = blame.judge(accepted, of: 3, isHeld: true)
    #expect(blame.judge(blaming, of: 1, isHeld: true) == .delivered(.deferred(.message, error: "no")))
    _ = blame.judge(.withdrawn, of: 1, isHeld: false)
    #expect(blame.judge(blaming, of: 1, isHeld: false) == blaming)
  }

  @Test("however many messages blame the server, a bounded number is remembered")
  func bounded() {
    var blame = Blame()
    for message in 1...Int64(Blame.longestMemory) + 10 { _ = blame.judge(blaming, of: message, isHeld: false) }
    #expect(blame.count == Blame.longestMemory)
    _ = blame.judge(accepted, of: 0, isHeld: false)
    #expect(blame.judge(blaming, of: 10, isHeld: false) == blaming)
    #expect(blame.judge(blaming, of: 12, isHeld: false) != blaming)
  }

  @Test("a probe that says nothing of the server lets another one try at once")
  func released() {
    let start = booted
    var hold = Hold(reason: "no", now: start)
    hold.begin(1)
    #expect(!hold.mayProbe(now: hold.probeAt))
    hold.release(2)
    #expect(!hold.mayProbe(now: hold.probeAt))
    hold.release(1)
    #expect(hold.mayProbe(now: start.advanced(by: .seconds(30))))
  }

  @Test("a server that is too busy slows us down and costs no attempt")
  func throttled() async throws {
    try await withDispatchWorld(rate: 4, script: { _ in nil }) { world in
      for id in 1...20 { try await world.checkout("c-\(id)") }
      world.clock.advance(by: .seconds(1_800))
      try await withThrowingDiscardingTaskGroup { group in
        _ = try await world.dispatcher.tick(now: world.clock.now(), into: &group)
        var begun: [HeldSender.HandOver] = []
        for _ in 1...4 { begun.append(await world.sender.next()) }
        for handOver in begun { handOver.answer(.deferred(.throttled, error: "too fast")) }
      }
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
