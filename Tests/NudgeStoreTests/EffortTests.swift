import NudgeDomain
import Testing

@testable import NudgeStore

/// What an event costs the database. Its counters are the same on every machine, so that a change which makes events
/// dearer shows here, and not in a benchmark of some later day. A bound may be raised, with a reason.
@Suite("Effort of the store") struct EffortTests {
  /// Events in one commit, as 64 clients make it at best.
  static let group = 64
  /// What is there before, so that the indexes have grown beyond a page.
  static let before = 10_000

  /// The most that one event may cost. Instructions have some room, because versions of SQLite differ in them.
  struct Bound {
    var statements: Int
    var instructions: Int
    /// For the whole group: events share pages.
    var pagesOfGroup: Int
    var sortsOfGroup = 0

    func expect(_ effort: Effort, sourceLocation: SourceLocation = #_sourceLocation) {
      #expect(effort.statements <= statements * group + perGroup, sourceLocation: sourceLocation)
      #expect(effort.instructions <= instructions * group, sourceLocation: sourceLocation)
      #expect(effort.pages <= pagesOfGroup, sourceLocation: sourceLocation)
      #expect(effort.sorts <= sortsOfGroup, sourceLocation: sourceLocation)
      #expect(effort.scans == 0, "a table is searched without an index", sourceLocation: sourceLocation)
      #expect(effort.statements >= group && effort.pages > 0, "nothing was counted", sourceLocation: sourceLocation)
    }

    /// Statements that a group needs once, such as the question what is due.
    private let perGroup = 16
  }

  @Test("a new checkout with a rising id takes four statements and little more than a page")
  func rising() async throws {
    try await withFilledWorld { world in
      let effort = try await Self.effort(in: world, of: Self.events(Self.before..<Self.before + Self.group))
      Bound(statements: 4, instructions: 330, pagesOfGroup: 80).expect(effort)
    }
  }

  @Test("a new checkout with a random id takes two pages")
  func random() async throws {
    try await withFilledWorld(isRandom: true) { world in
      let effort = try await Self.effort(
        in: world, of: Self.events(Self.before..<Self.before + Self.group, isRandom: true))
      Bound(statements: 4, instructions: 330, pagesOfGroup: 140).expect(effort)
    }
  }

  @Test("an order that closes a checkout and is answered takes ten statements")
  func orders() async throws {
    try await withFilledWorld { world in
      let effort = try await Self.effort(in: world, of: (0..<Self.group).map(Self.order))
      Bound(statements: 10, instructions: 650, pagesOfGroup: 90).expect(effort)
    }
  }

  @Test("reminders that are due together are claimed in one commit, and settled with eight statements each")
  func reminders() async throws {
    try await withFilledWorld { world in
      let policies = world.policies
      let claims = try await EffortMeter.effort(in: world) { (session) throws(StoreError) in
        _ = try session.claimDue(
          now: at(30), limit: Self.group, reminders: Self.group, isProbe: false, policies: policies)
      }
      Bound(statements: 4, instructions: 340, pagesOfGroup: 12, sortsOfGroup: 2).expect(claims)
      let commits = world.store.commits
      let claimed = try await world.claim(at: 30, limit: Self.group).claims
      #expect(claimed.count == Self.group && world.store.commits == commits + 1)
      let settled = try await EffortMeter.effort(in: world) { (session) throws(StoreError) in
        for claim in claimed {
          _ = try session.settle(claim, outcome: .delivered(.accepted), policies: policies, now: at(31), jitter: 0)
        }
      }
      Bound(statements: 8, instructions: 430, pagesOfGroup: 30).expect(settled)
    }
  }

  @Test("no statement of an event or a hand-over makes a table for itself each time it runs")
  func tables() async throws {
    try await withWorld { world in
      let plans = try await world.store.writer.perform { (session) throws(StoreError) in session.plans() }
      let writing = plans.filter { $0.sql.hasPrefix("INSERT") || $0.sql.hasPrefix("UPDATE") }
      #expect(writing.count > 10)
      let allowed = ["failing_stream", "operator_action", "RETURNING", "SELECT m.*", "UNION ALL SELECT * FROM"]
      for plan in plans where plan.opcodes.contains(where: { $0 == "OpenEphemeral" || $0 == "OpenAutoindex" }) {
        #expect(allowed.contains { plan.sql.contains($0) }, "\(plan.sql)")
      }
    }
  }

  @Test("what 64 hand-overs became, and 512 events that come one by one, take one commit if they come during another")
  func commits() async throws {
    try await withFilledWorld { world in
      let claimed = try await world.claim(at: 30, limit: Self.group).claims
      let world = world
      let settling = try await Self.commits(in: world, of: claimed.count) {
        try await world.settle(claimed[$0], .accepted, at: 31)
      }
      #expect(settling == 1)
      let size = Writer.largestGroup
      let taking = try await Self.commits(in: world, of: size + 1) { try await world.checkout("new-\($0)", at: 31) }
      #expect(taking == 2, "one more than fit into a group")
    }
  }

  /// How many commits those verbs take that all wait while the writer is held.
  private static func commits(
    in world: World, of count: Int, _ verb: @escaping @Sendable (Int) async throws -> Void
  ) async throws -> Int {
    let (store, gate) = (world.store, Gate())
    let before = store.commits
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await store.writer.perform { (_) throws(StoreError) in gate.holdUntilOpened() } }
      await gate.reached()
      for number in 0..<count { group.addTask { try await verb(number) } }
      await store.writer.untilQueued(count)
      gate.open()
      try await group.waitForAll()
    }
    return store.commits - before - 1  // that of the gate
  }

  // MARK: The events

  private func withFilledWorld(isRandom: Bool = false, _ body: (World) async throws -> Void) async throws {
    try await withWorld { world in
      let policies = world.policies
      for start in stride(from: 0, to: Self.before, by: 500) {
        _ = try await world.store.record(
          Self.events(start..<start + 500, isRandom: isRandom), policies: policies, now: at(0))
      }
      try await body(world)
    }
  }

  private static func effort(in world: World, of events: [ShopEvent]) async throws -> Effort {
    let policies = world.policies
    return try await EffortMeter.effort(in: world) { (session) throws(StoreError) in
      _ = try session.record(events, policies: policies, now: at(1))
    }
  }

  private static func events(_ numbers: Range<Int>, isRandom: Bool = false) -> [ShopEvent] {
    numbers.map { number in
      .checkout(
        CheckoutChange(
          key: CheckoutKey(shop: "default", id: isRandom ? scattered(number) : "c-\(1_000_000 + number)"),
          email: "\(scattered(number))@example.com", occurredAt: at(0), content: body))
    }
  }

  private static func order(_ number: Int) -> ShopEvent {
    .order(
      Order(
        shop: "default", id: "o-\(1_000_000 + number)", checkoutID: "c-\(1_000_000 + number)",
        email: "\(scattered(number))@example.com", occurredAt: at(1), content: body))
  }

  private static let body = String(repeating: "x", count: 300)

  /// The same text for the same number, and no order in them.
  private static func scattered(_ number: Int) -> String {
    var z = UInt64(number) &* 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    return String(z ^ (z >> 27), radix: 16)
  }
}
