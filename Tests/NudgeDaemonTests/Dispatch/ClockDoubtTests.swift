import Foundation
import Logging
import NudgeDomain
import NudgeMail
import Testing

@testable import NudgeDaemon
@testable import NudgeStore

@Suite("A clock that jumped ahead, and is doubted") struct ClockDoubtTests {
  @Test("far ahead, nothing goes out and nothing is skipped; when the clock is back, nothing has happened")
  func jumpAndBack() async throws {
    try await withClockWorld { world in
      try await world.hears("a")
      world.clock.advance(by: hour)
      try await world.tick()
      world.clock.step(by: decades)
      world.clock.advance(by: .seconds(60))
      try await world.hears("b")
      _ = try await world.store.record(
        Order(
          shop: "default", id: "o", checkoutID: "x", email: "o@example.com", occurredAt: world.dispatcher.clock.now(),
          content: "{}"),
        policy: ShopPolicy(orderMessage: .always), now: world.dispatcher.clock.now())
      for _ in 1...3 { #expect(try await world.tick() == nil, "nobody looks without end") }
      #expect(world.recipients == ["a"])
      guard case .doubted(let doubt) = world.dispatcher.status else {
        Issue.record("\(world.dispatcher.status)")
        return
      }
      #expect(doubt.ahead == decades)
      #expect(doubt.reason == "the wall clock jumped 27000 d ahead; `nudgectl clock accept` says that it is right")
      world.clock.advance(by: .seconds(60))
      world.clock.step(by: .zero - decades)
      try await world.tick()
      #expect(world.dispatcher.status == .ok)
      #expect(world.recipients == ["a", "o"], "the order was acknowledged, and its message waited")
      world.clock.advance(by: halfHour - .seconds(60))
      try await world.tick()
      #expect(world.recipients == ["a", "o", "b"], "30 minutes after it was heard")
      world.clock.advance(by: day)
      for _ in 1...3 { try await world.tick() }
      #expect(try await world.messages().allSatisfy { !$0.hasPrefix("skipped") })
    }
  }

  @Test("what is on its way when the clock jumps ends in the time before, and its checkout keeps its schedule")
  func jumpInFlight() async throws {
    try await withClockWorld(script: { _ in nil }) { world in
      try await world.hears("a")
      world.clock.advance(by: halfHour)
      try await world.tick(setting: decades, inFlight: .accepted(providerID: nil))
      #expect(try await world.messages() == ["sent/sent", "scheduled/due"])
      #expect(try await world.due("a") == noon.advanced(by: day))
    }
  }

  @Test("accepted, what was heard meanwhile counts from then, and what is too late is skipped by the rule")
  func accepted() async throws {
    try await withClockWorld { world in
      try await world.hears("a")
      world.clock.advance(by: .seconds(60))
      world.clock.step(by: day)
      try await world.tick()
      try await world.hears("b")
      world.clock.advance(by: hour)
      try await world.tick()
      #expect(world.sender.letters.isEmpty)
      #expect(try await world.dispatcher.acceptClock())
      #expect(await world.isRung(), "what is due waits for nothing more")
      #expect(try await world.due("b") == noon.advanced(by: .seconds(60) + day + halfHour))
      try await world.tick()
      #expect(world.dispatcher.status == .ok)
      #expect(Set(world.recipients) == ["a", "b"])
      let skipped = try await world.messages().filter { $0.hasPrefix("skipped") }
      #expect(skipped.count == 1)
      let again = try await world.dispatcher.acceptClock()
      #expect(!again)
    }
  }

  @Test("a doubt is told at once, once, with the way out of it; so is its end")
  func told() async throws {
    try await withClockWorld { world in
      let log = Said()
      let dispatcher = Dispatcher(
        store: world.store, desk: world.dispatcher.desk, sender: world.sender, clock: world.clock, alarm: Alarm(),
        logger: Logger(label: "test") { _ in log }, jitter: { 0 })
      func look() async throws {
        try await withThrowingDiscardingTaskGroup { group in
          _ = try await dispatcher.tick(now: dispatcher.clock.now(), into: &group)
        }
      }
      world.clock.step(by: day)
      try await look()
      try await look()
      #expect(log.lines.count == 1)
      #expect(log.lines.first?.contains("critical: The wall clock jumped ahead") == true, "\(log.lines)")
      #expect(log.lines.first?.contains("nudgectl clock accept") == true, "\(log.lines)")
      world.clock.step(by: .zero - day)
      try await look()
      #expect(log.lines.last?.contains("notice: The wall clock came back") == true, "\(log.lines)")
    }
  }

  @Test("word that the clock was set wakes the dispatcher")
  func set() async throws {
    try await withClockWorld { world in
      try await world.tick()
      world.dispatcher.clockWasSet()
      #expect(await world.isRung())
    }
  }

  @Test("an accepted clock is accepted after a restart, too, and one that nobody accepted is not")
  func acceptedRestart() async throws {
    try await withClockWorld { world in
      world.clock.step(by: day)
      try await world.tick()
      let second = try await world.restarted()
      guard case .doubted = second.dispatcher.status else {
        Issue.record("\(second.dispatcher.status)")
        return
      }
      #expect(try await second.dispatcher.acceptClock())
      let third = try await second.restarted()
      #expect(third.dispatcher.status == .ok)
    }
  }

  @Test(
    "what was planned before the clock was set back stays as it is when a doubt about the same hours ends",
    arguments: [hour, decades], [false, true])
  func setBackThenDoubted(by step: Duration, isRestarted: Bool) async throws {
    try await withClockWorld { world in
      try await world.hears("before")
      let due = try await world.due("before")
      world.clock.step(by: .zero - step)
      try await world.tick()
      let world = isRestarted ? try await world.restarted() : world
      try await world.hears("between")
      let between = try await world.due("between")
      world.clock.advance(by: .seconds(1))
      world.clock.step(by: step + day)
      try await world.tick()
      try await world.hears("doubted")
      world.clock.advance(by: hour * 2)  // an hour that was set back comes again in it
      #expect(try await world.dispatcher.acceptClock())
      #expect(try await world.due("before") == due)
      #expect(try await world.due("between") == between)
      let since = noon.advanced(by: day + .seconds(1))
      #expect(try await world.due("doubted") == since.advanced(by: halfHour))
    }
  }

  @Test("a schedule that began before the clock was set back goes on in a doubt as it was, and when the doubt ends")
  func scheduleGoesOnInDoubt() async throws {
    try await withClockWorld { world in
      try await world.hears("a")
      world.clock.advance(by: halfHour)
      let now = world.dispatcher.clock.now()
      let claims = try await world.store.claimDue(
        now: now, limit: 1, reminders: 1, isProbe: false, policies: world.policies)
      #expect(claims.claims.count == 1)
      world.clock.step(by: .zero - hour)
      try await world.tick()
      let world = try await world.restarted()
      world.clock.step(by: day)
      try await world.tick()
      _ = try await world.store.resolveInterrupted(
        policies: world.policies, now: world.dispatcher.clock.now(), jitter: 0)
      #expect(try await world.due("a") == noon.advanced(by: day), "the second reminder, planned in the doubt")
      world.clock.advance(by: hour * 2)  // noon comes again in it
      #expect(try await world.dispatcher.acceptClock())
      #expect(try await world.due("a") == noon.advanced(by: day))
    }
  }

  @Test("a person's pause and a doubted clock are two things: both must end")
  func paused() async throws {
    try await withClockWorld { world in
      try await world.hears("a")
      try await world.store.setPaused(true, now: world.clock.now())
      world.clock.advance(by: .seconds(60))
      world.clock.step(by: day)
      try await world.tick()
      try await world.store.setPaused(false, now: world.clock.now())
      try await world.tick()
      #expect(world.sender.letters.isEmpty)
      guard case .doubted = world.dispatcher.status else {
        Issue.record("\(world.dispatcher.status)")
        return
      }
      try await world.store.setPaused(true, now: world.clock.now())
      #expect(try await world.dispatcher.acceptClock())
      try await world.tick()
      #expect(world.sender.letters.isEmpty)
      try await world.store.setPaused(false, now: world.clock.now())
      try await world.tick()
      #expect(world.recipients == ["a"])
    }
  }

  @Test("a time server that vouches for it for ten minutes is believed")
  func vouched() async throws {
    try await withClockWorld { world in
      try await world.hears("a")
      world.clock.step(by: day)
      try await world.tick()
      world.clock.advance(by: hour)
      try await world.tick()
      #expect(world.sender.letters.isEmpty)
      world.clock.synchronise()
      try await world.tick()
      world.clock.advance(by: .seconds(600))
      try await world.tick()
      #expect(world.recipients == ["a"])
    }
  }
}
