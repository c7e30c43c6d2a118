import NudgeDomain
import Synchronization
import Testing

@testable import NudgeStore

@Suite("Claiming and settling") struct ClaimTests {
  @Test("says what it will claim before that is on disk")
  func early() async throws {
    try await withWorld { world in
      try await world.checkout("c-1")
      let (store, policies) = (world.store, world.policies)
      let told = Mutex((messages: [Int64](), commits: 0))
      let claims = try await store.claimDue(now: at(30), limit: 9, policies: policies) { claims in
        told.withLock { $0 = (claims.map(\.messageID), store.commits) }
      }
      #expect(told.withLock { $0.messages } == claims.claims.map(\.messageID) && claims.claims.count == 1)
      #expect(told.withLock { $0.commits } == store.commits - 1)
    }
  }

  @Test("takes what is due, not before, and enters it into the ledger first")
  func due() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      let early = try await world.claim(at: 29)
      #expect(early.claims == [] && early.next == at(30))
      let claim = try await world.claimOne(at: 30)
      #expect(claim.kind == .reminder(step: 1) && claim.attempt == 1 && claim.content.to == "ann@example.com")
      #expect(claim.content.checkoutContent == "mug" && claim.content.createdAt == at(0))
      #expect(try await world.rows("SELECT message, recipient, outcome FROM attempt") == ["1|ann@example.com|"])
      #expect(try await world.claim(at: 31).claims == [])
      #expect(try await world.story() == ["1 sending due"])
    }
  }

  @Test("takes a reminder and an order message at their very millisecond, and not one before")
  func millisecond() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      let instant = Duration.milliseconds(1)
      let early = try await world.store.claimDue(
        now: at(30).advanced(by: .zero - instant), limit: 9, policies: world.policies)
      #expect(early.claims == [] && early.next == at(30))
      #expect(try await world.store.claimDue(now: at(30), limit: 9, policies: world.policies).claims.count == 1)
      try await world.checkout("c-2", email: "ben@example.com", at: 31)
      try await world.order(checkoutID: "c-2", at: 42)
      let none = try await world.store.claimDue(
        now: at(42).advanced(by: .zero - instant), limit: 9, policies: world.policies)
      #expect(none.claims == [] && none.next == at(42))
      #expect(try await world.store.claimDue(now: at(42), limit: 9, policies: world.policies).claims.count == 1)
    }
  }

  @Test("sends an order message to the order's address, and to the checkout's only if the order has none")
  func address() async throws {
    try await withWorld { world in
      try await world.checkout(email: "ann@example.com", at: 0)
      try await world.order(checkoutID: "c-1", email: "bob@example.com", at: 1)
      #expect(try await world.claimOne(at: 1).content.to == "bob@example.com")
      try await world.checkout("c-2", email: "cid@example.com", at: 2)
      try await world.order("o-2", checkoutID: "c-2", at: 3)
      #expect(try await world.claimOne(at: 3).content.to == "cid@example.com")
    }
  }

  @Test("takes at most what was asked for, the longest overdue first, and says that there is more")
  func limit() async throws {
    try await withWorld { world in
      for number in [3, 1, 2] { try await world.checkout("c-\(number)", email: "\(number)@example.com", at: number) }
      let claims = try await world.claim(at: 40, limit: 2)
      #expect(claims.claims.map(\.content.checkoutID) == ["c-1", "c-2"])
      #expect(claims.next == at(33))
    }
  }

  @Test("what was deferred keeps its place among the older ones, but a probe takes what was not tried yet")
  func place() async throws {
    try await withWorld { world in
      for number in [1, 2, 3] { try await world.checkout("c-\(number)", email: "\(number)@example.com", at: number) }
      let first = try #require(try await world.claim(at: 31).claims.first)
      try await world.settle(first, .deferred, at: 33)
      let probe = try await world.store.claimDue(now: at(40), limit: 1, isProbe: true, policies: world.policies)
      #expect(probe.claims.map(\.content.checkoutID) == ["c-2"])
      try await world.settle(try #require(probe.claims.first), .throttled, at: 40)
      #expect(try await world.claim(at: 50).claims.map(\.content.checkoutID) == ["c-1", "c-2", "c-3"])
    }
  }

  @Test("a reminder that stands for an earlier one has its place")
  func placeOfCollapsed() async throws {
    try await withWorld { world in
      world.policy.maxLate = .seconds(7 * 86_400)
      try await world.checkout("c-1", email: "1@example.com", at: 0)
      try await world.checkout("c-2", email: "2@example.com", at: 60)
      let late = 24 * 60 + 5
      let probe = try await world.claim(at: late, limit: 1).claims
      #expect(probe.map(\.kind) == [.reminder(step: 2)])
      try await world.settle(try #require(probe.first), .deferred, at: late)
      #expect(try await world.claim(at: late + 10).claims.map(\.content.checkoutID) == ["c-1", "c-2"])
    }
  }

  @Test("after downtime sends the latest due step and passes over the earlier ones")
  func collapsed() async throws {
    try await withWorld { world in
      world.policy.maxLate = .seconds(7 * 86_400)
      try await world.checkout(at: 0)
      let claim = try await world.claimOne(at: 3 * 24 * 60 + 5)
      #expect(claim.kind == .reminder(step: 3))
      #expect(try await world.story() == ["1 skipped collapsed", "2 skipped collapsed", "3 sending due"])
    }
  }

  @Test("passes over what is late and plans what is not due yet")
  func late() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      let claims = try await world.claim(at: 20 * 60)
      #expect(claims.claims == [] && claims.next == at(24 * 60))
      #expect(try await world.story() == ["1 skipped late", "2 scheduled due"])
    }
  }

  /// What waits is cancelled with the order. The claim does not rely on that: it looks at the checkout again.
  @Test(
    "looks at the checkout again before it hands over",
    arguments: [
      ("state = 'ordered', closed_at = 0, closed_by = 'o-1'", "1 cancelled ordered"),
      ("state = 'cancelled', closed_at = 0", "1 cancelled checkout_cancelled"),
      ("generation = 2, schedule_generation = 2", "1 cancelled checkout_changed"),
    ])
  func recheck(meanwhile: String, story: String) async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      try await world.store.writer.perform { (session) throws(StoreError) in
        try session.execute("UPDATE checkout SET \(meanwhile)")
      }
      #expect(try await world.claim(at: 30) == Claims(claims: []))
      #expect(try await world.story() == [story])
    }
  }

  @Test("one poisoned row becomes a dead letter and delays nothing; a reason of a newer version is unknown")
  func poison() async throws {
    try await withWorld { world in
      world.policy.orderMessage = .always
      try await world.checkout(at: 0)
      try await world.order("o-9", email: "bob@example.com", at: 0)
      try await world.store.writer.perform { (session) throws(StoreError) in
        try session.execute("UPDATE shop_order SET email = NULL, email_hash = NULL; UPDATE message SET reason = 'new'")
      }
      #expect(try await world.claimOne(at: 30).kind == .reminder(step: 1))
      #expect(try await world.store.message(1)?.reason == .unknown)
      #expect(try await world.rows("SELECT id, reason FROM dead_letters") == ["m-2|render_failed"])
      #expect(try await world.claim(at: 30).next == nil)
    }
  }

  @Test("takes nothing while sending is paused, and everything afterwards, also after a restart")
  func paused() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      try await world.store.setPaused(true, now: at(0))
      #expect(try await world.store.isPaused())
      let claims = try await world.claim(at: 30)
      #expect(claims.claims == [] && claims.next == nil)
      #expect(try await world.rows("SELECT value FROM meta WHERE name = 'paused'") == ["true"])
      try await world.store.setPaused(false, now: at(0))
      #expect(try await world.claim(at: 30).claims.count == 1)
    }
  }

  struct Ending: Sendable, CustomTestStringConvertible {
    var outcome: Outcome
    var story: [String]
    var word: String
    var nextDue: Int?
    var testDescription: String { word }
  }

  static let day = 24 * 60
  static let endings = [
    Ending(outcome: .delivered(.accepted), story: ["1 sent sent", "2 scheduled due"], word: "accepted", nextDue: day),
    Ending(outcome: .delivered(.refused), story: ["1 dead refused", "2 scheduled due"], word: "refused", nextDue: day),
    Ending(
      outcome: .delivered(.unknown), story: ["1 unknown unknown", "2 scheduled due"], word: "unknown", nextDue: day),
    Ending(
      outcome: .renderFailed(error: "x"), story: ["1 dead render_failed", "2 scheduled due"], word: "render_failed",
      nextDue: day),
    Ending(outcome: .delivered(.deferred), story: ["1 scheduled deferred"], word: "deferred", nextDue: 33),
    Ending(outcome: .delivered(.throttled), story: ["1 scheduled deferred"], word: "deferred", nextDue: 33),
  ]

  @Test("writes how it ended and what follows", arguments: endings)
  func ending(_ ending: Ending) async throws {
    try await withWorld { world in
      world.policies.retry.first = .seconds(120)
      try await world.checkout(at: 0)
      let settlement = try await world.settle(world.claimOne(at: 30), ending.outcome, at: 31)
      #expect(settlement.settled && settlement.nextDue == ending.nextDue.map(at))
      #expect(try await world.story() == ending.story)
      #expect(try await world.store.message(1)?.attempts.map(\.outcome) == [ending.word])
      #expect(try await world.store.nextDue() == ending.nextDue.map(at))
    }
  }

  @Test("a claim that was settled before changes nothing and says so")
  func stale() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      let claim = try await world.claimOne(at: 30)
      try await world.settle(claim, .deferred, at: 30)
      let second = try await world.claimOne(at: 31)
      let settlement = try await world.settle(claim, .accepted, at: 31)
      #expect(!settlement.settled && settlement.state == .sending)
      #expect(try await world.settle(second, .accepted, at: 31).settled)
      #expect(try await world.settle(second, .refused, at: 31).state == .sent)
      try await world.expectTrueTally()
    }
  }

  @Test("counts the attempts that count, and gives up after as many as configured")
  func attempts() async throws {
    try await withWorld { world in
      world.policies.retry = RetryPolicy(attempts: 3, first: .seconds(60), longest: .seconds(60))
      try await world.checkout(at: 0)
      var counted: [Int] = []
      for (minute, delivery) in [(30, .deferred), (31, .throttled), (32, .deferred), (33, .deferred)]
        as [(Int, Delivery)]
      {
        let claim = try await world.claimOne(at: minute)
        counted.append(claim.attempt)
        try await world.settle(claim, delivery, at: minute)
      }
      #expect(counted == [1, 2, 2, 3])
      #expect(try await world.story() == ["1 dead attempts_exhausted", "2 scheduled due"])
      #expect(try await world.store.message(1)?.attempts.count == 4)
    }
  }

  @Test("a deferred reminder is not planned again once its checkout has moved on")
  func movedOn() async throws {
    try await withWorld { world in
      for id in ["ordered", "emptied", "changed"] { try await world.checkout(id, email: "\(id)@example.com") }
      let claims = try await world.claim(at: 30).claims
      try await world.order(checkoutID: "ordered", at: 31)
      try await world.checkout("emptied", email: "emptied@example.com", at: 31, isEmpty: true)
      try await world.checkout("changed", email: "changed@example.com", at: 31, content: "cup")
      for claim in claims { #expect(try await world.settle(claim, .deferred, at: 32).state == .cancelled) }
      #expect(try await world.story("ordered") == ["1 cancelled ordered", "order scheduled due"])
      #expect(try await world.story("emptied") == ["1 cancelled checkout_cancelled"])
      #expect(try await world.story("changed") == ["1 cancelled checkout_changed", "1 scheduled due"])
    }
  }

  @Test("a reminder that was sent while its checkout moved on is followed by nothing")
  func sentMeanwhile() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      let claim = try await world.claimOne(at: 30)
      try await world.order(checkoutID: "c-1", at: 31)
      #expect(try await world.settle(claim, .accepted, at: 32).nextDue == nil)
      #expect(try await world.story() == ["1 sent sent", "order scheduled due"])
    }
  }

  @Test("an order message of unknown fate follows the shop's policy", arguments: [true, false])
  func orderMessage(resends: Bool) async throws {
    try await withWorld { world in
      world.policy.resendsUnknownOrderMessage = resends
      try await world.checkout(at: 0)
      try await world.order(checkoutID: "c-1", at: 1)
      let settlement = try await world.settle(world.claimOne(at: 1), .unknown, at: 1)
      #expect(settlement.state == (resends ? .scheduled : .unknown) && settlement.reason == .unknown)
    }
  }

  @Test("what a previous run left in the middle is unknown, and the schedule goes on")
  func interrupted() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      try await world.checkout("c-2", email: "bob@example.com", at: 1)
      try await world.order(checkoutID: "c-2", at: 2)
      _ = try await world.claim(at: 30)
      #expect(try await world.store.resolveInterrupted(policies: world.policies, now: at(40), jitter: 0) == 2)
      #expect(try await world.story("c-1") == ["1 unknown unknown", "2 scheduled due"])
      #expect(try await world.story("c-2") == ["1 cancelled ordered", "order scheduled unknown"])
      #expect(try await world.store.resolveInterrupted(policies: world.policies, now: at(40), jitter: 0) == 0)
      #expect(try await world.store.message(1)?.attempts.first?.error == "nudged stopped during the hand-over")
    }
  }
}
