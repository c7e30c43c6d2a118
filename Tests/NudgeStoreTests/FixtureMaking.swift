import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeStore

/// Makes the database that is kept as the fixture of the newest schema: what a shop's life leaves behind, by the verbs that
/// the daemon uses. Run it once, by the code that releases a schema: see Fixtures/README.md.
@Suite("Fixture") struct FixtureMaking {
  static let file = ProcessInfo.processInfo.environment["NUDGED_MAKE_FIXTURE"]

  @Test("is made when it is asked for", .enabled(if: file != nil))
  func make() async throws {
    let path = try #require(Self.file)
    var world = World(path: path, store: try Store(path: path, now: at(0)))
    world.policies.retry.attempts = 2
    world.policies.shops["quick"] = ShopPolicy(
      schedule: try #require(Schedule(offsets: [.seconds(1_800), .seconds(3_600)])))
    try await orders(in: world)
    try await reminders(in: world)
    try await extremes(in: world)
    try await failingTemplate(in: world)
    try await interrupted(in: world)
    try await operators(in: world)
    try await world.expectTrueTally()
    await world.store.close()
  }

  private func orders(in world: World) async throws {
    try await world.checkout("c-ordered", customerID: "42", at: 0)
    try await world.order("o-sent", checkoutID: "c-ordered", email: "ANN@example.com", at: 1)
    for claim in try await world.claim(at: 1).claims { try await world.settle(claim, .accepted, at: 1) }
    try await world.checkout("c-two", orderID: "o-two", email: "two@example.com", at: 2)
    try await world.order("o-two", email: "two@example.com", at: 3)
    for claim in try await world.claim(at: 3).claims { try await world.settle(claim, .deferred, at: 3) }
    try await world.order("o-early", checkoutID: "c-late", at: 3)
    try await world.checkout("c-late", email: "late@example.com", at: 4)
    try await world.order("o-alone", customerID: "nobody", at: 4)
  }

  private func reminders(in world: World) async throws {
    let names = ["sent", "deferred", "refused", "unknown", "render", "dropped", "retried", "exhausted", "throttled"]
    for name in names { try await world.checkout("c-\(name)", email: "\(name)@example.com", at: 10) }
    try await world.checkout("c-changed", email: "changed@example.com", at: 10)
    try await world.checkout("c-changed", email: "changed@example.com", at: 11, content: "two mugs")
    try await world.checkout("c-cancelled", email: "cancelled@example.com", at: 10)
    try await world.checkout("c-cancelled", email: "cancelled@example.com", at: 11, isEmpty: true)
    let outcomes: [String: Outcome] = [
      "c-sent": .delivered(.accepted), "c-deferred": .delivered(.deferred), "c-refused": .delivered(.refused),
      "c-unknown": .delivered(.unknown), "c-render": .renderFailed(error: "x.txt:1: {{a}}"),
      "c-dropped": .delivered(.refused), "c-retried": .delivered(.refused), "c-exhausted": .delivered(.deferred),
      "c-throttled": .delivered(.throttled),
    ]
    var ids: [String: Int64] = [:]
    for claim in try await world.claim(at: 40).claims {
      let checkout = claim.content.checkoutID ?? ""
      ids[checkout] = claim.messageID
      try await world.settle(claim, outcomes[checkout] ?? .withdrawn, at: 40)
    }
    _ = try await world.store.drop([#require(ids["c-dropped"])], by: Self.ann, now: at(41))
    _ = try await world.store.retry([#require(ids["c-retried"]), #require(ids["c-sent"])], by: Self.ann, now: at(41))
    for claim in try await world.claim(at: 42).claims where claim.content.checkoutID == "c-exhausted" {
      try await world.settle(claim, .deferred, at: 42)
    }
  }

  private static let ann = Operator(uid: 1_000, gid: 1_000, pid: 4_711, name: "ann")

  /// What people did, known by name, by number alone, and not at all.
  private func operators(in world: World) async throws {
    let nobody = Operator(uid: 65_534, gid: 65_534, pid: 1)
    try await world.store.note(OperatorAction(.backup, target: "/srv/nudged.db"), by: nobody, now: at(131))
    try await world.store.note(
      OperatorAction(.testSend, target: "ann@example.com", result: "deferred"), by: Self.ann, now: at(131))
    try await world.store.note(OperatorAction(.reload), by: nil, now: at(131))
    try await world.store.setPaused(true, by: Self.ann, now: at(131))
  }

  /// Unicode, what SQL could trip over, the longest texts and the ends of time.
  private func extremes(in world: World) async throws {
    let shop = "läden-😀'\";--"
    try await world.checkout("c-\u{1F469}\u{200D}\u{1F4BB}", shop: shop, email: "ann@bücher.example", at: 50)
    try await world.checkout(
      "c-long", shop: shop, email: "\(String(repeating: "a", count: 242))@example.com",
      customerID: String(repeating: "ß", count: 127), at: 50,
      content: #"{"name":"\#(String(repeating: "\\n'\"日本", count: 2_000))"}"#)
    try await world.checkout("c-1970", email: "old@example.com", at: -28_000_000, heard: 51)
    try await world.checkout("c-behind", email: "behind@example.com", at: 51 - 1_500, heard: 51)
    // Two steps of it are due at once.
    try await world.checkout("c-collapsed", shop: "quick", email: "quick@example.com", at: 51 - 70, heard: 51)
    try await world.checkout("c-future", email: "future@example.com", at: 55, heard: 51)
  }

  /// One shop's template fails until its reminders are held.
  private func failingTemplate(in world: World) async throws {
    for number in 0..<12 {
      try await world.checkout("c-broken-\(number)", shop: "broken", email: "b\(number)@example.com", at: 60 + number)
    }
    for minute in 90..<97 {
      for claim in try await world.claim(at: minute).claims {
        let isBroken = claim.shop == "broken"
        try await world.settle(
          claim, isBroken ? .renderFailed(error: "body.txt:3: {{x}}") : .delivered(.accepted), at: minute)
      }
    }
  }

  /// A hand-over that the daemon was in when it ended.
  private func interrupted(in world: World) async throws {
    try await world.checkout("c-interrupted", email: "interrupted@example.com", at: 100)
    for claim in try await world.claim(at: 130).claims where claim.content.checkoutID != "c-interrupted" {
      let outcome: Outcome = claim.shop == "broken" ? .renderFailed(error: "body.txt:3: {{x}}") : .delivered(.accepted)
      try await world.settle(claim, outcome, at: 130)
    }
    try await world.checkout("c-open", email: "open@example.com", at: 131)
  }
}
