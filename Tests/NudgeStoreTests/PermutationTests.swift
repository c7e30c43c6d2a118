import NudgeDomain
import Testing

@testable import NudgeStore

@Suite("Every order of events") struct PermutationTests {
  /// How often each permutation is told, with other repetitions and another dispatcher each time.
  static let tellings = 12

  @Test(
    "an order wins, and no step is mailed twice", arguments: OnChange.allCases, [true, false])
  func invariants(onChange: OnChange, resendsUnknown: Bool) async throws {
    try await withWorld { world in
      world.policies = Policies(
        standard: ShopPolicy(onChange: onChange, orderMessage: .always, resendsUnknownOrderMessage: resendsUnknown),
        retry: RetryPolicy(attempts: 3, first: .seconds(60), longest: .seconds(3_600)))
      let stories = (0..<Self.tellings).flatMap { telling in
        Told.permutations.enumerated().map { index, permutation in
          Story(
            number: telling * Told.permutations.count + index, permutation: permutation, resendsUnknown: resendsUnknown)
        }
      }
      var stage = Stage(world: world, stories: stories)
      try await stage.play()
      let faults = stage.stories.flatMap { story in
        story.checker.faults.map { "\(story.shop), told \(story.told): \($0)" }
      }
      #expect(faults.isEmpty, "\(faults.count): \(faults.prefix(5))")
      #expect(stage.claimedReminders > stories.count / 4, "the dispatcher came too late for most: nothing was shown")
      #expect(stage.claimedBeforeOrder > 0 && stage.settledAfterOrder > 0)
      #expect(try await world.rows(Self.mailedTwice(resendsUnknown: resendsUnknown)) == [])
      #expect(try await world.rows(Self.leftOver) == [])
      try await world.expectTrueTally()
    }
  }

  /// Asked of the ledger by another program, after the fact.
  static func mailedTwice(resendsUnknown: Bool) -> String {
    """
    SELECT m.checkout, m.shop_order, m.generation, m.step FROM attempt a JOIN message m ON m.id = a.message
    WHERE a.outcome = 'accepted' OR a.outcome = 'unknown' AND NOT (m.step IS NULL AND \(resendsUnknown))
    GROUP BY m.checkout, m.shop_order, m.generation, m.step HAVING count(*) > 1
    """
  }

  static let leftOver = """
    SELECT m.id FROM message m JOIN checkout c ON c.id = m.checkout
    WHERE m.step IS NOT NULL AND c.state = 'ordered' AND m.state IN ('scheduled', 'sending')
    """
}

/// All stories at once in one store, and one dispatcher that comes and goes as the seeds say.
struct Stage {
  let world: World
  var stories: [Story]
  var claimedReminders = 0
  var claimedBeforeOrder = 0
  var settledAfterOrder = 0
  private var toTell: [Int]
  private var held: [(claim: Claim, story: Int)] = []
  private var closed: Set<Int> = []

  init(world: World, stories: [Story]) {
    self.world = world
    self.stories = stories
    toTell = Array(repeating: 0, count: stories.count)
  }

  mutating func play() async throws {
    var random = Seeded(state: 7)
    var minute = 6
    while zip(stories, toTell).contains(where: { $0.told.count > $1 }) || minute < 14 * 24 * 60 {
      try await tell(at: minute)
      try await claim(at: minute)
      try await tell(at: minute)
      try await settle(at: minute, all: false)
      minute += [0, 1, 31, 31, 300, 1_440].randomElement(using: &random) ?? 1
    }
    try await settle(at: minute, all: true)
  }

  /// Some shops tell what comes next, in one batch.
  private mutating func tell(at minute: Int) async throws {
    var events: [(story: Int, told: Told, event: ShopEvent)] = []
    for index in stories.indices where Int.random(in: 0..<4, using: &stories[index].random) == 0 {
      guard toTell[index] < stories[index].told.count else { continue }
      let told = stories[index].told[toTell[index]]
      events.append((index, told, stories[index].event(told, heard: at(minute))))
      toTell[index] += 1
    }
    let receipts = try await world.store.record(events.map(\.event), policies: world.policies, now: at(minute))
    for (event, receipt) in zip(events, receipts) {
      _ = try receipt.get()
      stories[event.story].checker.acknowledged(event.told)
      if event.told == .order || event.told == .repeatedOrder { closed.insert(event.story) }
    }
  }

  private mutating func claim(at minute: Int) async throws {
    for claim in try await world.claim(at: minute, limit: 10_000).claims {
      let story = Int(claim.shop.dropFirst("shop-".count)) ?? 0
      stories[story].checker.claimed(claim)
      held.append((claim, story))
      guard claim.kind != .order else { continue }
      claimedReminders += 1
      if !closed.contains(story) { claimedBeforeOrder += 1 }
    }
  }

  /// Settles two of three hand-overs, or all; some of them twice.
  private mutating func settle(at minute: Int, all: Bool) async throws {
    var stillHeld: [(claim: Claim, story: Int)] = []
    for (claim, story) in held {
      guard all || Int.random(in: 0..<3, using: &stories[story].random) > 0 else {
        stillHeld.append((claim, story))
        continue
      }
      let outcome = Self.outcomes.randomElement(using: &stories[story].random) ?? .withdrawn
      // A hand-over is withdrawn only for an order.
      guard outcome != .withdrawn || (closed.contains(story) && claim.kind != .order) else {
        stillHeld.append((claim, story))
        continue
      }
      stories[story].checker.settled(claim, outcome, try await world.settle(claim, outcome, at: minute))
      if closed.contains(story), claim.kind != .order { settledAfterOrder += 1 }
      guard Int.random(in: 0..<8, using: &stories[story].random) == 0 else { continue }
      stories[story].checker.settledAgain(try await world.settle(claim, .accepted, at: minute))
    }
    held = all ? [] : stillHeld
  }

  private static let outcomes: [Outcome] = [
    .delivered(.accepted), .delivered(.accepted), .delivered(.deferred), .delivered(.throttled), .delivered(.refused),
    .delivered(.unknown), .renderFailed(error: "no such variable"), .withdrawn,
  ]
}
