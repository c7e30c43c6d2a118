import NudgeAPI
import NudgeDaemon
import NudgeDomain
import Testing

/// The mail server is away for ten hours, in virtual time, and comes back.
@Suite("A ten-hour outage") struct OutageTests {
  static let rate = 20
  static let reminders = 3_000
  static let orders = 60
  static let outage = Duration.seconds(36_000)
  /// When the orders come: late, so that reminders are what tried the server until then.
  static let buying = Duration.seconds(34_000)
  /// So long it takes at most to notice that the server is back.
  static let longestProbeWait = Duration.seconds(900)

  @Test(
    "the backlog drains at the rate, one reminder a checkout, oldest first, order messages before them",
    arguments: Seeded.seeds([7]))
  func drain(seed: UInt64) async throws {
    let configuration = Self.configuration
    try await withWorld(seed: seed, configuration: configuration) { world in
      try await world.ses.becomes(.down)
      try await Self.fill(world)
      try await world.pass(until: noon.advanced(by: Self.outage))
      try await world.rest()
      #expect(world.journal.evidence.arrivals.isEmpty)
      try await world.ses.becomes(.fair(mishaps: 0))
      let back = world.now.milliseconds
      try await world.passUntilNothingIsDue()
      let evidence = world.journal.evidence
      let ledger = try await world.end()
      Self.judge(evidence, ledger, back: back, seed: seed)
      let judge = Judge(
        evidence, ledger, rate: Self.rate, attempts: configuration.retry.attempts,
        shops: ScriptedHourTests.shops(configuration))
      #expect(judge.findings.isEmpty, "NUDGED_SEED=\(seed): \(judge.findings.prefix(20))")
    }
  }

  /// Checkouts of eight hours, whose reminders are all due before the outage is over, and orders for some of them.
  private static func fill(_ world: World) async throws {
    var dice = Seeded(world.seed, for: "outage")
    let minutes = (0..<reminders).map { _ in dice.below(480) }.sorted()
    for (minute, numbers) in Dictionary(grouping: 0..<reminders, by: { minutes[$0] }).sorted(by: { $0.key < $1.key }) {
      let now = noon.advanced(by: .seconds(60 * minute))
      try await world.pass(until: now)
      try await world.check(out: numbers.map(cart))
    }
    try await world.pass(until: noon.advanced(by: buying))
    for number in (0..<reminders).shuffled(using: &dice).prefix(orders) {
      try await world.order("o-\(number)", of: cart(number))
    }
  }

  private static func cart(_ number: Int) -> World.Cart { World.Cart(shop: "default", id: "c-\(number)") }

  private static func judge(_ evidence: Evidence, _ ledger: Ledger, back: Int64, seed: UInt64) {
    let messages = Dictionary(ledger.messages.map { ($0.id, $0) }) { first, _ in first }
    let arrived = evidence.arrivals.compactMap { arrival in
      Judge.message(arrival).flatMap { messages[$0] }.map { (at: arrival.at, message: $0) }
    }
    #expect(arrived.count == reminders, "one mail for each checkout or its order")
    #expect(Set(arrived.map(\.message.checkout)).count == reminders)
    #expect(ledger.messages.allSatisfy { $0.attempts <= 1 }, "the outage costs no attempt")

    guard let first = arrived.first, let last = arrived.last else { return }
    #expect(first.at - back <= longestProbeWait.milliseconds, "the server is missed for \(first.at - back) ms")
    let seconds = Double(last.at - first.at) / 1_000
    #expect(seconds <= Double(reminders) / Double(rate) + 2, "\(reminders) mails took \(seconds) s")

    let lastOrder = arrived.lastIndex { !$0.message.isReminder } ?? 0
    let firstReminders = arrived.prefix(lastOrder).filter(\.message.isReminder)
    #expect(firstReminders.count <= 1, "\(firstReminders.count) reminders before the last order message")
    expectOldestFirst(arrived.filter(\.message.isReminder), evidence, seed: seed)
  }

  /// By the moment at which the shopper was to be reminded, whatever happened to the message since. What leaves at one
  /// moment leaves together.
  private static func expectOldestFirst(
    _ reminders: [(at: Int64, message: Ledger.Message)], _ evidence: Evidence, seed: UInt64
  ) {
    let anchors = Dictionary(evidence.carts.map { ($0.id, $0.anchor) }) { first, _ in first }
    let schedule = configuration.shop("default").policy.schedule.offsets.map(\.milliseconds)
    var latest = Int64.min
    var overtaken = 0
    for (_, together) in Dictionary(grouping: reminders, by: \.at).sorted(by: { $0.key < $1.key }) {
      let due = together.map { (anchors[$0.message.checkout ?? ""] ?? 0) + schedule[($0.message.step ?? 1) - 1] }
      overtaken += due.count { $0 < latest }
      latest = max(latest, due.max() ?? latest)
    }
    #expect(overtaken == 0, "NUDGED_SEED=\(seed): \(overtaken) reminders went out after younger ones")
  }

  static var configuration: Configuration {
    var configuration = Configuration()
    configuration.sender.transport = .ses
    configuration.sender.rate = .fixed(rate)
    var shop = configuration.shop("default")
    shop.policy.schedule = Schedule(offsets: [.seconds(1_800), .seconds(7_200)]) ?? .standard
    configuration.shops["default"] = shop
    return configuration
  }
}
