import NudgeAPI
import NudgeDaemon
import NudgeDomain
import Testing

/// A hand-over whose outcome nobody can know, from the server's silence to a person's decision.
@Suite("Unknown outcomes, end to end") struct UnknownTests {
  /// What leaves a mail's fate in the dark: the server took it, or did not, and nobody says which.
  static let silences: [Answer] = [
    .serverError, .lost, .resetAfterReading, .hang, .takenServerError, .takenLost, .takenReset, .takenHang, .garbage,
    .noMessageID, .huge, .stalledBody,
  ]

  @Test("the ledger shows an unknown reminder, and it is never sent again by itself", arguments: silences)
  func reminder(silence: Answer) async throws {
    try await withWorld(seed: 1) { world in
      try await world.ses.becomes(.all(silence))
      try await world.check(out: [World.Cart(shop: "default", id: "c-1")])
      try await world.pass(until: noon.advanced(by: .seconds(1_801)))
      try await world.rest()
      try await world.ses.becomes(.fair(mishaps: 0))
      try await world.pass(until: noon.advanced(by: .seconds(80_000)))

      let message = try #require(try await world.messages(in: "unknown").first)
      let attempt = try #require(message.attempts.first)
      #expect(message.reason == "unknown" && message.settledAt != nil && message.attempts.count == 1)
      #expect(attempt.outcome == "unknown" && attempt.settledAt != nil && attempt.error?.isEmpty == false)
      #expect(world.journal.evidence.arrivals.count == 1)
      let checkout = try await world.ask("GET", "/checkouts/c-1")
      let shown = checkout["messages"]?.array?.first { $0["step"]?.integer == 1 }
      #expect(shown?["state"]?.string == "unknown", "what `why` reads")
      #expect(shown?["attempts"]?.array?.first?["error"]?.string == attempt.error)
    }
  }

  @Test("a person's retry sends the same mail once more, as another attempt")
  func retry() async throws {
    try await withWorld(seed: 1) { world in
      try await world.ses.becomes(.all(.takenLost))
      try await world.check(out: [World.Cart(shop: "default", id: "c-1")])
      try await world.pass(until: noon.advanced(by: .seconds(1_801)))
      try await world.rest()
      try await world.ses.becomes(.fair(mishaps: 0))
      let unknown = try #require(try await world.messages(in: "unknown").first)
      try await world.retry(unknown)
      try await world.rest()

      let arrivals = world.journal.evidence.arrivals
      #expect(arrivals.count == 2 && Set(arrivals.map(\.messageID)).count == 1, "one mail")
      #expect(Set(arrivals.map(\.attempt)).count == 2, "two hand-overs")
      let sent = try #require(try await world.messages(in: "sent").first)
      #expect(sent.id == unknown.id && sent.attempts.map(\.outcome) == ["unknown", "accepted"])
      #expect(arrivals.map(\.attempt).allSatisfy { tag in sent.attempts.contains { tag.hasPrefix("\($0.id)-") } })
      await #expect(throws: World.Refused.self) { try await world.retry(sent) }
    }
  }

  @Test("a retry comes too late after the order")
  func ordered() async throws {
    try await withWorld(seed: 1) { world in
      let cart = World.Cart(shop: "default", id: "c-1")
      try await world.ses.becomes(.all(.takenLost))
      try await world.check(out: [cart])
      try await world.pass(until: noon.advanced(by: .seconds(1_801)))
      try await world.rest()
      try await world.ses.becomes(.fair(mishaps: 0))
      try await world.order("o-1", of: cart)
      let unknown = try #require(try await world.messages(in: "unknown").first)
      await #expect(throws: World.Refused.self) { try await world.retry(unknown) }
      try await world.rest()
      #expect(world.journal.evidence.arrivals.count == 2, "the reminder, and the answer to the order")
    }
  }

  @Test("an order message of unknown fate follows the shop's policy", arguments: [true, false])
  func orderMessage(resends: Bool) async throws {
    var configuration = Configuration()
    configuration.shops["default"]?.policy.resendsUnknownOrderMessage = resends
    try await withWorld(seed: 1, configuration: configuration) { world in
      let cart = World.Cart(shop: "default", id: "c-1")
      try await world.check(out: [cart])
      try await world.ses.becomes(.all(.takenServerError))
      try await world.order("o-1", of: cart)
      try await world.rest()
      try await world.ses.becomes(.fair(mishaps: 0))
      try await world.passUntilNothingIsDue()

      let arrivals = world.journal.evidence.arrivals
      #expect(arrivals.count == (resends ? 2 : 1))
      #expect(Set(arrivals.map(\.messageID)).count == 1)
      let state = resends ? "sent" : "unknown"
      let outcomes = try await world.messages(in: state).filter { $0.kind == .order }.first?.attempts.map(\.outcome)
      #expect(outcomes == (resends ? ["unknown", "accepted"] : ["unknown"]))
    }
  }

  @Test("a crash leaves what was on its way unknown, and only the order message goes out again")
  func crash() async throws {
    try await withWorld(seed: 1) { world in
      let bought = World.Cart(shop: "default", id: "c-2")
      try await world.check(out: [World.Cart(shop: "default", id: "c-1")])
      try await world.pass(until: noon.advanced(by: .seconds(60)))
      try await world.check(out: [bought])
      world.ses.holds(after: 1)
      try await world.pass(until: noon.advanced(by: .seconds(1_800)))
      try await world.order("o-2", of: bought)
      try await world.rest()
      try await world.pass(until: noon.advanced(by: .seconds(3_600)))
      #expect(world.journal.evidence.crashes.count == 1)
      #expect(try await world.messages(in: "unknown").map(\.checkoutID) == ["c-1"])
      #expect(try await world.messages(in: "sent").map(\.kind) == [.order])
    }
  }
}
