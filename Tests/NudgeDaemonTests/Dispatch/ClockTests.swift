import Foundation
import NudgeDomain
import NudgeMail
import Testing

@testable import NudgeDaemon
@testable import NudgeStore

@Suite("A clock that is set") struct ClockTests {
  @Test(
    "set back, nothing is sent twice, what is due later comes in its time, and nobody is behind",
    arguments: [hour, decades])
  func setBack(by step: Duration) async throws {
    try await withClockWorld { world in
      for id in ["a", "b", "c"] { try await world.hears(id) }
      world.clock.advance(by: halfHour)
      try await world.tick()
      #expect(world.recipients.sorted() == ["a", "b", "c"])
      world.clock.step(by: .zero - step)
      for _ in 1...3 { try await world.tick() }
      #expect(world.sender.letters.count == 3)
      let summary = try await world.store.summary(now: world.dispatcher.clock.now())
      #expect(summary.oldestDueLag == .zero)
      try await world.hears("d")
      world.clock.advance(by: halfHour)
      try await world.tick()
      #expect(world.recipients.suffix(1) == ["d"], "it counts from the clock as it is")
      world.clock.advance(by: step + day)
      for _ in 1...5 { try await world.tick() }
      #expect(Set(world.recipients.dropFirst(4)).isSuperset(of: ["a", "b", "c"]), "their next ones, in their time")
      let messages = try await world.store.messages(MessageQuery(states: [.sent], limit: 100)).elements
      #expect(messages.allSatisfy { $0.attempts.count == 1 }, "never twice")
    }
  }

  @Test("a hand-over that ends before it began, by the clock, is settled, and the message comes up again in time")
  func endsBeforeItBegan() async throws {
    try await withClockWorld(script: { _ in nil }) { world in
      try await world.hears("a")
      world.clock.advance(by: halfHour)
      try await world.tick(setting: .zero - day, inFlight: .deferred(.message, error: "later"))
      let attempt = try #require(try await world.store.messages(MessageQuery()).elements.first?.attempts.first)
      #expect(attempt.settledAt ?? noon < attempt.startedAt)
      world.sender.answers { _ in .accepted(providerID: nil) }
      world.clock.advance(by: .seconds(29))
      let next = try await world.tick()
      #expect(world.sender.letters.count == 1)
      #expect(next == world.clock.now().advanced(by: .seconds(1)), "and nobody looks for it without end")
      world.clock.advance(by: .seconds(1))
      try await world.tick()
      #expect(world.sender.letters.count == 2)
    }
  }

  // MARK: Elapsed time

  @Test("the wait before another try is neither cut short nor stretched", arguments: [-3_600, -5, 5, 599])
  func backoff(step seconds: Int) async throws {
    try await withClockWorld(script: { _ in .deferred(.message, error: "later") }) { world in
      try await world.hears("a")
      world.clock.advance(by: halfHour)
      try await world.tick()
      world.clock.advance(by: .seconds(10))
      world.clock.step(by: .seconds(seconds))
      try await world.tick()
      world.clock.advance(by: .seconds(19))
      try await world.tick()
      #expect(world.sender.letters.count == 1, "30 seconds are not over")
      world.clock.advance(by: .seconds(1))
      try await world.tick()
      #expect(world.sender.letters.count == 2)
    }
  }

  @Test(
    "a hold is probed after its time, whatever the clock shows, and says when in the clock's time",
    arguments: [-900, 300])
  func hold(step seconds: Int) async throws {
    try await withClockWorld(script: { _ in .deferred(.sender, error: "no") }) { world in
      try await world.hears("a")
      world.clock.advance(by: halfHour)
      try await world.tick()
      world.clock.step(by: .seconds(seconds))
      try await world.tick()
      guard case .held(_, let since, let probeAt) = world.dispatcher.status else {
        Issue.record("not held")
        return
      }
      #expect(since == world.clock.now() && probeAt == since.advanced(by: .seconds(30)))
      world.clock.advance(by: .seconds(29))
      try await world.tick()
      #expect(world.sender.letters.count == 1)
      world.clock.advance(by: .seconds(1))
      try await world.tick()
      #expect(world.sender.letters.count == 2)
    }
  }

  @Test("the rate counts seconds that pass, whoever sets the clock", arguments: [-3_600, -2, 2, 500])
  func rate(step seconds: Int) async throws {
    try await withClockWorld(rate: 3) { world in
      for id in 1...20 { try await world.hears("c-\(id)") }
      world.clock.advance(by: day)
      try await world.tick()
      #expect(world.sender.letters.count == 3)
      world.clock.step(by: .seconds(seconds))
      world.clock.advance(by: .milliseconds(999))
      try await world.tick()
      #expect(world.sender.letters.count == 3)
    }
  }

  @Test("a held template is tried after its time")
  func heldStream() async throws {
    try await withClockWorld { world in
      let stream = "(1, 'default', 1, 3, 'x', \(noon.milliseconds), \(noon.milliseconds + 60_000), 60000, 0)"
      try await world.execute("INSERT INTO failing_stream VALUES \(stream)")
      try await world.store.follow([.init(by: .zero - hour)], record: world.dispatcher.clock.record)
      let held = try #require(try await world.store.heldStreams(limit: 1).first)
      #expect(held.probeAt == noon.advanced(by: .seconds(60) - hour))
      #expect(held.since == noon.advanced(by: .zero - hour))
    }
  }

  @Test("suspend is no jump: what became due goes out on waking up")
  func suspend() async throws {
    try await withClockWorld { world in
      try await world.hears("a")
      world.clock.advance(by: hour * 8)
      try await world.tick()
      #expect(world.recipients == ["a"])
      #expect(world.dispatcher.status == .ok)
    }
  }
}
