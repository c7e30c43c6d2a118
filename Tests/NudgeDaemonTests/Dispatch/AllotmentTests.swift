import NudgeDomain
import NudgeMail
import NudgeStore
import Synchronization
import Testing

@testable import NudgeDaemon

@Suite("Allotment") struct AllotmentTests {
  /// A provider whose quota the test sets.
  private final class Provider: Sender {
    struct State {
      var answer: QuotaAnswer?
      var asked = 0
      var left: [Moment] = []
      var delivery = Delivery.accepted(providerID: nil)
    }

    let state: Mutex<State>
    let clock: HeldClock

    init(_ answer: QuotaAnswer?, clock: HeldClock) {
      state = Mutex(State(answer: answer))
      self.clock = clock
    }

    var asked: Int { state.withLock { $0.asked } }
    var left: [Moment] { state.withLock { $0.left } }

    func says(_ answer: QuotaAnswer?) { state.withLock { $0.answer = answer } }
    func answers(_ delivery: Delivery) { state.withLock { $0.delivery = delivery } }

    func quota() async -> QuotaAnswer? {
      state.withLock { state in
        state.asked += 1
        return state.answer
      }
    }

    func deliver(_ letter: Letter, mayLeave: @escaping @Sendable () -> Bool) async -> Delivery? {
      guard mayLeave() else { return nil }
      return state.withLock { state in
        state.left.append(clock.now())
        return state.delivery
      }
    }
  }

  private func known(_ perSecond: Double, perDay: Int? = nil, sent: Int = 0) -> QuotaAnswer {
    .known(SendingQuota(perSecond: perSecond, perDay: perDay, sentLastDay: sent))
  }

  /// A dispatcher with `rate: auto`, and reminders that are due.
  private func withAuto<T>(
    _ answer: QuotaAnswer?, due count: Int, maxInFlight: Int = 100, isolation: isolated (any Actor)? = #isolation,
    _ body: (DispatchWorld, Provider) async throws -> T
  ) async throws -> T {
    try await withDispatchWorld(maxInFlight: maxInFlight) { world in
      let provider = Provider(answer, clock: world.clock)
      await reload(world, provider)
      let events = (1...count).map { number in
        ShopEvent.checkout(
          CheckoutChange(
            key: CheckoutKey(shop: "default", id: "c-\(number)"), email: "c-\(number)@example.com",
            occurredAt: noon, content: "{}"))
      }
      _ = try await world.store.record(events, policies: world.policies, now: noon)
      world.clock.advance(by: .seconds(1_800))
      return try await body(world, provider)
    }
  }

  private func reload(_ world: DispatchWorld, _ sender: any Sender) async {
    var configuration = world.dispatcher.desk.configuration
    configuration.sender.rate = .auto
    configuration.sender.transport = .ses
    guard let desk = try? MailDesk(configuration: configuration) else { return }
    await world.dispatcher.replace(desk: desk, sender: sender)
  }

  /// Ticks whenever the dispatcher asks for it, for that long; twice, because what the first one began may have rung.
  private func run(_ world: DispatchWorld, for duration: Duration) async throws {
    let end = world.clock.now().advanced(by: duration)
    while world.clock.now() < end {
      try await world.tick()
      let next = try await world.tick() ?? end
      world.clock.advance(by: min(max(next.since(world.clock.now()), .milliseconds(1)), .seconds(60)))
    }
  }

  private func mostInASecond(_ moments: [Moment]) -> Int {
    moments.map { first in moments.count { $0 >= first && $0.since(first) < .seconds(1) } }.max() ?? 0
  }

  @Test("before the provider has said anything, less than one a second goes out; then nine tenths of what it allows")
  func safe() async throws {
    try await withAuto(known(14), due: 100) { world, provider in
      try await world.tick()
      #expect(provider.asked == 1)
      #expect(provider.left.count <= 12)
      try await run(world, for: .seconds(4))
      #expect(mostInASecond(provider.left) == 12, "12.6, rounded down")
      #expect(provider.left.count >= 36)
    }
  }

  @Test("an account of one a second gets one in 1.112 seconds", arguments: [nil, 1.0])
  func sandbox(perSecond: Double?) async throws {
    let answer = perSecond.map { known($0, perDay: 200) } ?? .unavailable(error: "no")
    try await withAuto(answer, due: 20) { world, provider in
      try await run(world, for: .seconds(10))
      let waits = zip(provider.left, provider.left.dropFirst()).map { $1.since($0) }
      #expect(!waits.isEmpty && waits.allSatisfy { $0 == .milliseconds(1_112) }, "\(waits)")
      #expect(provider.left.count == 9)
    }
  }

  @Test("the day's share holds: the rest waits, at no cost, until the provider has room again")
  func day() async throws {
    try await withAuto(known(100, perDay: 100, sent: 80), due: 30) { world, provider in
      try await run(world, for: .seconds(3))
      try await world.tick()
      #expect(provider.left.count == 10, "90 of 100")
      guard case .held(let reason, _, let probeAt) = world.dispatcher.status else {
        Issue.record("not held: \(world.dispatcher.status)")
        return
      }
      #expect(reason == "the day's quota is used up: 90 mails in 24 hours, of 100 we use 90")
      #expect(probeAt > world.clock.now())
      provider.says(known(100, perDay: 100, sent: 90))
      try await run(world, for: .seconds(600))
      #expect(provider.left.count == 10 && provider.asked <= 4, "asked slowly")
      provider.says(known(100, perDay: 100, sent: 85))
      try await run(world, for: .seconds(310))
      #expect(provider.left.count == 15)
      provider.says(known(100, perDay: nil))
      try await run(world, for: .seconds(310))
      #expect(provider.left.count == 30 && world.dispatcher.status == .ok)
      let messages = try await world.store.messages(MessageQuery(states: [.sent], limit: 100)).elements
      #expect(messages.count == 30 && messages.allSatisfy { $0.attempts.count == 1 })
    }
  }

  @Test("what goes out between two answers counts against the day")
  func uncounted() {
    var allotment = Allotment(now: booted)
    allotment.beginAsking(inFlight: 3, now: booted)
    allotment.take()
    _ = allotment.learn(known(10, perDay: 100, sent: 50), now: booted)
    #expect(allotment.dayRoom(now: booted) == 90 - 50 - 3 - 1)
    for _ in 0..<100 { allotment.take() }
    #expect(allotment.dayRoom(now: booted) == 0)
    #expect(allotment.dayRoom(now: booted.advanced(by: .seconds(86_400))) == .max, "an old answer says nothing")
  }

  @Test("a provider that does not say is asked more and more rarely, told of once, and what is known holds")
  func silent() {
    var allotment = Allotment(now: booted)
    allotment.beginAsking(inFlight: 0, now: booted)
    _ = allotment.learn(known(10), now: booted)
    var now = booted
    var waits: [Int64] = []
    var news: [Allotment.News] = []
    for _ in 1...7 {
      now = allotment.askAt
      #expect(allotment.mayAsk(now: now))
      allotment.beginAsking(inFlight: 0, now: now)
      #expect(!allotment.mayAsk(now: now))
      if let one = allotment.learn(.unavailable(error: "no"), now: now) { news.append(one) }
      waits.append(allotment.askAt.since(now).milliseconds / 1_000)
    }
    #expect(waits == [30, 60, 120, 240, 480, 900, 900])
    #expect(news == [.silent("no")])
    #expect(allotment.perSecond == 9)
    allotment.beginAsking(inFlight: 0, now: now)
    #expect(allotment.learn(known(20), now: now) == .answers)
    #expect(allotment.perSecond == 18)
  }

  @Test("a complaint of the server halves the rate at once, asks the provider, and recovers")
  func throttled() async throws {
    try await withAuto(known(10), due: 400) { world, provider in
      try await run(world, for: .seconds(40))
      let before = provider.asked
      provider.answers(.deferred(.throttled, error: "too fast"))
      try await run(world, for: .milliseconds(200))
      provider.answers(.accepted(providerID: nil))
      let slowed = world.clock.now()
      #expect(world.dispatcher.state.withLock { $0.pace.inForce ?? 0 } <= 4.5)
      try await run(world, for: .seconds(2))
      #expect(provider.asked > before)
      #expect(mostInASecond(provider.left.filter { $0 > slowed }) <= 4)
      try await run(world, for: .seconds(62))
      #expect(world.dispatcher.state.withLock { $0.pace.inForce } == 9)
    }
  }

  @Test("while the day is used up, a server that holds all mail is not tried either, and nothing is claimed for it")
  func heldWithoutDay() async throws {
    try await withAuto(known(10, perDay: 100, sent: 88), due: 20) { world, provider in
      provider.answers(.deferred(.sender, error: "paused"))
      try await run(world, for: .seconds(5))
      provider.says(known(10, perDay: 100, sent: 90))
      try await run(world, for: .seconds(300))
      let left = provider.left.count
      let tried = try await attempts(in: world)
      try await run(world, for: .seconds(1))
      world.clock.advance(by: .seconds(900))
      try await run(world, for: .seconds(1))
      #expect(provider.left.count == left)
      #expect(try await attempts(in: world) == tried)
      provider.answers(.accepted(providerID: nil))
      provider.says(known(10, perDay: 100, sent: 10))
      try await run(world, for: .seconds(1_800))
      #expect(provider.left.count == left + 20)
    }
  }

  private func attempts(in world: DispatchWorld) async throws -> Int {
    try await world.store.messages(MessageQuery(limit: 100)).elements.reduce(0) { $0 + $1.attempts.count }
  }

  @Test("a restart gives no fresh second, and knows the quota that was known")
  func restart() async throws {
    try await withAuto(known(14, perDay: 1_000, sent: 100), due: 100) { world, provider in
      try await world.tick()
      try await run(world, for: .milliseconds(1_500))
      let sent = provider.left.count
      #expect(sent >= 12)
      let again = Dispatcher(
        store: world.store, desk: world.dispatcher.desk, sender: Provider(nil, clock: world.clock), clock: world.clock,
        alarm: Alarm(), logger: .silent, jitter: { 0 })
      try await again.recallPace()
      let now = world.clock.uptime()
      let recent = provider.left.count { world.clock.now().since($0) < .seconds(1) }
      again.state.withLock { state in
        #expect(state.pace.allowance(now: now) == 12 - recent)
        #expect(state.allotment?.perSecond == 14 * 0.9)
        #expect(state.allotment?.dayRoom(now: now) ?? 0 <= 900 - 100 - (sent - 1))
      }
      world.clock.advance(by: .seconds(1))
      again.state.withLock { #expect($0.pace.allowance(now: world.clock.uptime()) == 12) }
    }
  }

  @Test("another rate by reload gives no fresh second either")
  func reloaded() async throws {
    try await withDispatchWorld(rate: 10) { world in
      for id in 1...40 { try await world.checkout("c-\(id)") }
      world.clock.advance(by: .seconds(1_800))
      try await world.tick()
      var configuration = world.dispatcher.desk.configuration
      configuration.sender.rate = .fixed(12)
      await world.dispatcher.replace(desk: try MailDesk(configuration: configuration), sender: world.sender)
      try await world.tick()
      #expect(world.sender.letters.count == 12)
    }
  }
}
