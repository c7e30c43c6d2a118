import NudgeDaemon
import NudgeDomain
import NudgeMail
import Testing

/// One hour of everything that Amazon SES can do to a sender, in virtual time.
@Suite("A scripted hour") struct ScriptedHourTests {
  static let rate = 20
  static let messages = 5_000

  @Test(
    "whatever SES does, every message ends once, none is sent twice, none is lost, and the rate holds",
    arguments: Seeded.seeds([1, 2]))
  func hour(seed: UInt64) async throws {
    let configuration = Self.configuration
    let (evidence, ledger) = try await withWorld(seed: seed, configuration: configuration) { world in
      let script = HourScript(seed: seed, configuration: configuration, carts: 3_400)
      for (moment, deed) in script.deeds {
        try await world.pass(until: moment)
        try await Self.perform(deed, in: world)
      }
      try await world.rest()
      try await world.ses.becomes(.fair(mishaps: 0))
      try await world.passUntilNothingIsDue()
      let ledger = try await world.end()
      return (world.journal.evidence, ledger)
    }
    let judge = Judge(
      evidence, ledger, rate: Self.rate, attempts: configuration.retry.attempts, shops: Self.shops(configuration))
    let findings = judge.findings
    #expect(findings.isEmpty, "NUDGED_SEED=\(seed): \(findings.count) findings, \(findings.prefix(20))")
    Self.expectVariety(evidence, ledger, seed: seed)
  }

  /// An hour in which little happens proves little.
  private static func expectVariety(_ evidence: Evidence, _ ledger: Ledger, seed: UInt64) {
    let met = Set(evidence.arrivals.map(\.fault))
    let mishaps = Set((Answer.mishaps + Answer.hanging).map(\.rawValue))
    #expect(mishaps.subtracting(met).isEmpty, "NUDGED_SEED=\(seed): every mishap happens")
    #expect(met.intersection(Answer.conditions.map(\.rawValue)).count >= 5, "NUDGED_SEED=\(seed)")
    let handedOver = Set(ledger.attempts.map(\.message)).count
    #expect(handedOver >= messages, "NUDGED_SEED=\(seed)")
    #expect(evidence.crashes.count >= 3 && evidence.retries.count > 20, "NUDGED_SEED=\(seed)")
    #expect(Set(ledger.attempts.compactMap(\.outcome)).isSuperset(of: ["accepted", "deferred", "refused", "unknown"]))
  }

  private static func perform(_ deed: HourScript.Deed, in world: World) async throws {
    switch deed {
    case .carts(let carts): try await world.check(out: carts)
    case .order(let id, let cart): try await world.order(id, of: cart)
    case .weather(let weather, let hanging):
      try await world.rest()
      try await world.ses.becomes(weather, hanging: hanging)
    case .reload(let isSecure): try await world.reload(isSecure: isSecure)
    case .crash(let count): world.ses.holds(after: count)
    case .retry(let percent):
      var dice = Seeded(world.seed, for: "retry \(world.now.milliseconds)")
      for state in ["unknown", "dead"] {
        for message in try await world.messages(in: state) where dice.happens(percent) {
          do { try await world.retry(message) } catch is World.Refused {}  // its checkout has moved on
        }
      }
    }
  }

  static var configuration: Configuration {
    var configuration = Configuration()
    configuration.sender.transport = .ses
    configuration.sender.rate = .fixed(rate)
    configuration.sender.maxInFlight = 12
    configuration.retry = RetryPolicy(attempts: 8, first: .seconds(30), longest: .seconds(600))
    var shop = configuration.shop("default")
    shop.policy.schedule = Schedule(offsets: [.seconds(600), .seconds(1_500)]) ?? .standard
    configuration.shops["default"] = shop
    shop.policy.schedule = Schedule(offsets: [.seconds(300), .seconds(900)]) ?? .standard
    shop.policy.resendsUnknownOrderMessage = false
    shop.policy.orderMessage = .always
    configuration.shops["books"] = shop
    shop.policy.schedule = Schedule(offsets: [.seconds(900)]) ?? .standard
    shop.policy.resendsUnknownOrderMessage = true
    configuration.shops["mugs"] = shop
    return configuration
  }

  static func shops(_ configuration: Configuration) -> [String: Judge.Shop] {
    configuration.shops.mapValues { shop in
      Judge.Shop(
        schedule: shop.policy.schedule.offsets.map(\.milliseconds),
        resendsUnknown: shop.policy.resendsUnknownOrderMessage)
    }
  }
}
