import Foundation
import Logging
import NudgeDomain
import NudgeMail
import Synchronization
import Testing

@testable import NudgeDaemon
@testable import NudgeStore

private let halfHour = Duration.seconds(1_800)
private let hour = Duration.seconds(3_600)
private let day = Duration.seconds(86_400)
private let decades = day * 27_000

@Suite("A clock that is set") struct ClockTests {
  private func withWorld<T>(
    rate: Int = 0, schedule: [Duration] = [halfHour, day, day * 3],
    script: @escaping @Sendable (Letter) -> Delivery? = { _ in .accepted(providerID: nil) },
    isolation: isolated (any Actor)? = #isolation, _ body: (DispatchWorld) async throws -> T
  ) async throws -> T {
    try await withDispatchWorld(rate: rate, schedule: schedule, script: script) { world in
      try await world.dispatcher.recallClock()
      return try await body(world)
    }
  }

  /// The same store, with a dispatcher that starts.
  private func restarted(_ world: DispatchWorld) async throws -> DispatchWorld {
    await world.dispatcher.keepClock()
    let dispatcher = Dispatcher(
      store: world.store, desk: world.dispatcher.desk, sender: world.sender, clock: world.clock, alarm: Alarm(),
      logger: .silent, jitter: { 0 })
    try await dispatcher.recallClock()
    return DispatchWorld(
      store: world.store, clock: world.clock, sender: world.sender, dispatcher: dispatcher, folder: world.folder)
  }

  /// As the control room records it.
  private func heard(_ id: String, in world: DispatchWorld) async throws {
    let now = world.dispatcher.clock.now()
    let change = CheckoutChange(
      key: CheckoutKey(shop: "default", id: id), email: "\(id)@example.com", occurredAt: now, content: "{}")
    _ = try await world.store.record(change, policy: world.policies["default"], now: now)
  }

  private func due(_ id: String, in world: DispatchWorld) async throws -> Moment? {
    try await world.store.checkout(CheckoutKey(shop: "default", id: id))?.nextReminderAt
  }

  private func recipients(_ world: DispatchWorld) -> [String] {
    world.sender.letters.map { String($0.recipient.prefix { $0 != "@" }) }
  }

  // MARK: Back

  @Test(
    "set back, nothing is sent twice, what is due later comes in its time, and nobody is behind",
    arguments: [hour, decades])
  func setBack(by step: Duration) async throws {
    try await withWorld { world in
      for id in ["a", "b", "c"] { try await heard(id, in: world) }
      world.clock.advance(by: halfHour)
      try await world.tick()
      #expect(recipients(world).sorted() == ["a", "b", "c"])
      world.clock.step(by: .zero - step)
      for _ in 1...3 { try await world.tick() }
      #expect(world.sender.letters.count == 3)
      let summary = try await world.store.summary(now: world.dispatcher.clock.now())
      #expect(summary.oldestDueLag == .zero)
      try await heard("d", in: world)
      world.clock.advance(by: halfHour)
      try await world.tick()
      #expect(recipients(world).suffix(1) == ["d"], "it counts from the clock as it is")
      world.clock.advance(by: step + day)
      for _ in 1...5 { try await world.tick() }
      #expect(Set(recipients(world).dropFirst(4)).isSuperset(of: ["a", "b", "c"]), "their next ones, in their time")
      let messages = try await world.store.messages(MessageQuery(states: [.sent], limit: 100)).elements
      #expect(messages.allSatisfy { $0.attempts.count == 1 }, "never twice")
    }
  }

  @Test("a hand-over that ends before it began, by the clock, is settled, and the message comes up again in time")
  func endsBeforeItBegan() async throws {
    try await withWorld(script: { _ in nil }) { world in
      try await heard("a", in: world)
      world.clock.advance(by: halfHour)
      let (clock, dispatcher, sender) = (world.clock, world.dispatcher, world.sender)
      try await withThrowingDiscardingTaskGroup { group in
        _ = try await dispatcher.tick(now: clock.now(), into: &group)
        let handOver = await sender.next()
        clock.step(by: .zero - day)
        handOver.answer(.deferred(.message, error: "later"))
      }
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
    try await withWorld(script: { _ in .deferred(.message, error: "later") }) { world in
      try await heard("a", in: world)
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
    try await withWorld(script: { _ in .deferred(.sender, error: "no") }) { world in
      try await heard("a", in: world)
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
    try await withWorld(rate: 3) { world in
      for id in 1...20 { try await heard("c-\(id)", in: world) }
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
    try await withWorld { world in
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
    try await withWorld { world in
      try await heard("a", in: world)
      world.clock.advance(by: hour * 8)
      try await world.tick()
      #expect(recipients(world) == ["a"])
      #expect(world.dispatcher.status == .ok)
    }
  }

  // MARK: Ahead

  @Test("far ahead, nothing goes out and nothing is skipped; when the clock is back, nothing has happened")
  func jumpAndBack() async throws {
    try await withWorld { world in
      try await heard("a", in: world)
      world.clock.advance(by: hour)
      try await world.tick()
      world.clock.step(by: decades)
      world.clock.advance(by: .seconds(60))
      try await heard("b", in: world)
      _ = try await world.store.record(
        Order(
          shop: "default", id: "o", checkoutID: "x", email: "o@example.com", occurredAt: world.dispatcher.clock.now(),
          content: "{}"),
        policy: ShopPolicy(orderMessage: .always), now: world.dispatcher.clock.now())
      for _ in 1...3 { #expect(try await world.tick() == nil, "nobody looks without end") }
      #expect(recipients(world) == ["a"])
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
      #expect(recipients(world) == ["a", "o"], "the order was acknowledged, and its message waited")
      world.clock.advance(by: halfHour - .seconds(60))
      try await world.tick()
      #expect(recipients(world) == ["a", "o", "b"], "30 minutes after it was heard")
      world.clock.advance(by: day)
      for _ in 1...3 { try await world.tick() }
      #expect(try await world.messages().allSatisfy { !$0.hasPrefix("skipped") })
    }
  }

  @Test("what is on its way when the clock jumps ends in the time before, and its checkout keeps its schedule")
  func jumpInFlight() async throws {
    try await withWorld(script: { _ in nil }) { world in
      try await heard("a", in: world)
      world.clock.advance(by: halfHour)
      let (clock, dispatcher, sender) = (world.clock, world.dispatcher, world.sender)
      try await withThrowingDiscardingTaskGroup { group in
        _ = try await dispatcher.tick(now: clock.now(), into: &group)
        let handOver = await sender.next()
        clock.step(by: decades)
        handOver.answer(.accepted(providerID: nil))
      }
      #expect(try await world.messages() == ["sent/sent", "scheduled/due"])
      #expect(try await due("a", in: world) == noon.advanced(by: day))
    }
  }

  @Test("accepted, what was heard meanwhile counts from then, and what is too late is skipped by the rule")
  func accepted() async throws {
    try await withWorld { world in
      try await heard("a", in: world)
      world.clock.advance(by: .seconds(60))
      world.clock.step(by: day)
      try await world.tick()
      try await heard("b", in: world)
      world.clock.advance(by: hour)
      try await world.tick()
      #expect(world.sender.letters.isEmpty)
      #expect(try await world.dispatcher.acceptClock())
      #expect(await world.isRung(), "what is due waits for nothing more")
      #expect(try await due("b", in: world) == noon.advanced(by: .seconds(60) + day + halfHour))
      try await world.tick()
      #expect(world.dispatcher.status == .ok)
      #expect(Set(recipients(world)) == ["a", "b"])
      let skipped = try await world.messages().filter { $0.hasPrefix("skipped") }
      #expect(skipped.count == 1)
      let again = try await world.dispatcher.acceptClock()
      #expect(!again)
    }
  }

  @Test("a doubt is told at once, once, with the way out of it; so is its end")
  func told() async throws {
    try await withWorld { world in
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
    try await withWorld { world in
      try await world.tick()
      world.dispatcher.clockWasSet()
      #expect(await world.isRung())
    }
  }

  @Test("an accepted clock is accepted after a restart, too, and one that nobody accepted is not")
  func acceptedRestart() async throws {
    try await withWorld { world in
      world.clock.step(by: day)
      try await world.tick()
      let second = try await restarted(world)
      guard case .doubted = second.dispatcher.status else {
        Issue.record("\(second.dispatcher.status)")
        return
      }
      #expect(try await second.dispatcher.acceptClock())
      let third = try await restarted(second)
      #expect(third.dispatcher.status == .ok)
    }
  }

  @Test(
    "what was planned before the clock was set back stays as it is when a doubt about the same hours ends",
    arguments: [hour, decades], [false, true])
  func setBackThenDoubted(by step: Duration, isRestarted: Bool) async throws {
    try await withWorld { world in
      try await heard("before", in: world)
      let due = try await due("before", in: world)
      world.clock.step(by: .zero - step)
      try await world.tick()
      let world = isRestarted ? try await restarted(world) : world
      try await heard("between", in: world)
      let between = try await self.due("between", in: world)
      world.clock.advance(by: .seconds(1))
      world.clock.step(by: step + day)
      try await world.tick()
      try await heard("doubted", in: world)
      world.clock.advance(by: hour * 2)  // an hour that was set back comes again in it
      #expect(try await world.dispatcher.acceptClock())
      #expect(try await self.due("before", in: world) == due)
      #expect(try await self.due("between", in: world) == between)
      let since = noon.advanced(by: day + .seconds(1))
      #expect(try await self.due("doubted", in: world) == since.advanced(by: halfHour))
    }
  }

  @Test("a schedule that began before the clock was set back goes on in a doubt as it was, and when the doubt ends")
  func scheduleGoesOnInDoubt() async throws {
    try await withWorld { world in
      try await heard("a", in: world)
      world.clock.advance(by: halfHour)
      let now = world.dispatcher.clock.now()
      let claims = try await world.store.claimDue(
        now: now, limit: 1, reminders: 1, isProbe: false, policies: world.policies)
      #expect(claims.claims.count == 1)
      world.clock.step(by: .zero - hour)
      try await world.tick()
      let world = try await restarted(world)
      world.clock.step(by: day)
      try await world.tick()
      _ = try await world.store.resolveInterrupted(
        policies: world.policies, now: world.dispatcher.clock.now(), jitter: 0)
      #expect(try await due("a", in: world) == noon.advanced(by: day), "the second reminder, planned in the doubt")
      world.clock.advance(by: hour * 2)  // noon comes again in it
      #expect(try await world.dispatcher.acceptClock())
      #expect(try await due("a", in: world) == noon.advanced(by: day))
    }
  }

  @Test("a person's pause and a doubted clock are two things: both must end")
  func paused() async throws {
    try await withWorld { world in
      try await heard("a", in: world)
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
      #expect(recipients(world) == ["a"])
    }
  }

  @Test("a time server that vouches for it for ten minutes is believed")
  func vouched() async throws {
    try await withWorld { world in
      try await heard("a", in: world)
      world.clock.step(by: day)
      try await world.tick()
      world.clock.advance(by: hour)
      try await world.tick()
      #expect(world.sender.letters.isEmpty)
      world.clock.synchronise()
      try await world.tick()
      world.clock.advance(by: .seconds(600))
      try await world.tick()
      #expect(recipients(world) == ["a"])
    }
  }

  // MARK: At start

  @Test("at start on the same boot, the jump is known, and a machine that shows 2099 mails nobody")
  func startSameBoot() async throws {
    try await withWorld { world in
      try await heard("a", in: world)
      try await world.tick()
      await world.dispatcher.keepClock()
      world.clock.advance(by: hour)
      world.clock.step(by: decades)
      let second = try await restarted(world)
      try await heard("b", in: second)
      try await second.tick()
      #expect(second.sender.letters.isEmpty)
      #expect(try await due("b", in: second) == noon.advanced(by: hour + halfHour))
      world.clock.step(by: .zero - decades)
      try await second.tick()
      #expect(recipients(second) == ["a"])
    }
  }

  @Test("at start after a reboot, an outage is one, and 2099 is not", arguments: [(day * 6, true), (decades, false)])
  func startOtherBoot(outage: Duration, sends: Bool) async throws {
    try await withWorld(schedule: [halfHour, day * 6]) { world in
      try await heard("a", in: world)
      try await world.tick()
      await world.dispatcher.keepClock()
      world.clock.reboot(showing: noon.advanced(by: outage))
      let dispatcher = Dispatcher(
        store: world.store, desk: world.dispatcher.desk, sender: world.sender, clock: world.clock, alarm: Alarm(),
        logger: .silent, jitter: { 0 })
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await dispatcher.run() }
        _ = await world.clock.sleepBegins()
        dispatcher.stop()
      }
      #expect(recipients(world) == (sends ? ["a"] : []))
      let skipped = try await world.messages().filter { $0.hasPrefix("skipped") }
      #expect(skipped.count == (sends ? 1 : 0))
    }
  }

  @Test("what was written after the clocks were kept is known, and a database without them believes the clock")
  func latestWritten() async throws {
    try await withWorld { world in
      var record = try await world.store.clock()
      #expect(record == nil)
      try await world.tick()
      world.clock.advance(by: .seconds(300))
      try await heard("a", in: world)
      record = try await world.store.clock()
      #expect(record?.reading.wall == noon && record?.latestWritten == noon.advanced(by: .seconds(300)))
    }
  }

  @Test("what is kept of the clocks is read as it was written")
  func kept() throws {
    let reading = Reading(wall: noon, uptime: booted)
    for record in [
      ClockRecord(reading: reading, boot: nil), ClockRecord(reading: reading, boot: "b-1", doubtedSince: noon),
    ] {
      #expect(ClockRecord(text: record.text) == record)
    }
    #expect(ClockRecord(text: "") == nil)
    #expect(ClockRecord(text: "x 1 - -") == nil)
  }
}

/// Remembers what is logged.
private final class Said: LogHandler, Sendable {
  private let said = Mutex<[String]>([])

  var lines: [String] { said.withLock { $0 } }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  var logLevel: Logger.Level {
    get { .info }
    set {}
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  func log(event: LogEvent) {
    said.withLock { $0.append("\(event.level): \(event.message) \(event.metadata ?? [:])") }
  }
}
