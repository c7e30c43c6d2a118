import SimulationModel

/// What goes wrong in a world, and when: each seed has a climate of its own, so that some see much of one thing.
final class Faults: Sendable {
  private let dice: Dice
  private let kinds: [Disk.Fault]
  /// Of a thousand commits, so many meet a fault of the disk.
  private let diskFaults: Int
  /// How often the process dies: after so many boundaries at most; 0 is never.
  private let crashDistance: Int
  private let isSlowDisk: Bool
  nonisolated(unsafe) private var untilCrash: Int
  /// After the foul phase nothing goes wrong any more.
  nonisolated(unsafe) private(set) var isFoul = true

  init(_ dice: Dice) {
    self.dice = dice
    kinds = Disk.Fault.allCases.filter { _ in dice.happens(60) }
    diskFaults = dice.pick([0, 0, 5, 20, 60])
    crashDistance = dice.pick([0, 400, 150, 60, 25])
    isSlowDisk = dice.happens(30)
    untilCrash = 1 + dice.below(max(crashDistance, 1))
  }

  func end() { isFoul = false }

  /// Whether the process dies at this point.
  func kills(at boundary: Boundary) -> Bool {
    guard isFoul, crashDistance > 0 else { return false }
    untilCrash -= 1
    guard untilCrash <= 0 else { return false }
    untilCrash = 1 + dice.below(crashDistance)
    return true
  }

  /// How long a commit takes, in milliseconds.
  var commitTime: Int64 {
    isFoul && isSlowDisk && dice.happens(5) ? dice.number(50...5_000) : dice.number(0...4)
  }

  func atCommit() -> Disk.Fault? { isFoul && dice.below(1_000) < diskFaults ? pick() : nil }

  func atRead() -> Disk.Fault? { isFoul && dice.below(4_000) < diskFaults ? .readError : nil }

  func atStart() -> Disk.Fault? { isFoul && dice.below(200) < diskFaults ? pick() : nil }

  private func pick() -> Disk.Fault? { kinds.isEmpty ? nil : dice.pick(kinds) }
}

/// What the world does to nudged in the foul phase, planned at its beginning.
extension World {
  func planFaults(until end: Int64) {
    planWeather(until: end)
    planClock(until: end)
    planOperators(until: end)
  }

  /// Does something now and then until the foul phase ends, at most so often in all.
  private func now(andThen end: Int64, atMost count: Int, _ action: @escaping @Sendable () -> Void) {
    for _ in 0..<count {
      time.after(plans.number(0...end)) { [self] in
        if faults.isFoul { action() }
      }
    }
  }

  private func planWeather(until end: Int64) {
    let climate = plans.pick([0, 5, 30, 60])
    let fates = Provider.Fate.foul.filter { _ in plans.happens(50) }
    provider.fates = fates.isEmpty ? Provider.Fate.foul : fates
    provider.foulness = climate
    provider.connecting = plans.pick([Provider.soon, Provider.soon, 300, 3_000])
    meetings = plans.pick([0, 20, 60])
    now(andThen: end, atMost: plans.below(4)) { [self] in
      provider.foulness = 100
      time.after(plans.number(1_000...600_000)) { [self] in
        if faults.isFoul { provider.foulness = climate }
      }
    }
    now(andThen: end, atMost: plans.below(3)) { [self] in
      provider.isReachable = false
      time.after(plans.number(1_000...300_000)) { [self] in provider.isReachable = true }
    }
    now(andThen: end, atMost: plans.below(2)) { [self] in life?.stop() }
    now(andThen: end, atMost: plans.below(2)) { [self] in life?.die() }
  }

  private func planClock(until end: Int64) {
    let second: Int64 = 1_000
    let hour = 3_600 * second
    // In most worlds in all no more than what is believed without a person's word.
    let near = [second, 7 * second, 60 * second, 120 * second]
    let far = [300 * second, hour, 30 * hour, 24 * 366 * hour, 50 * 365 * 24 * hour]
    let steps = Dice(seed, for: "far off").happens(25) ? near + far : near
    if plans.happens(40) {
      now(andThen: end, atMost: 1 + plans.below(4)) { [self] in
        step(by: plans.pick(steps) * plans.pick([-1, 1]) + plans.number(-500...500))
      }
    }
    if plans.happens(30) {
      now(andThen: end, atMost: 1 + plans.below(2)) { [self] in
        let length = plans.skewed(1_000...4 * hour)
        time.skip(length)
        journal.count(.suspends)
        journal.saw(.suspended(for: length))
      }
    }
    if plans.happens(30) {
      now(andThen: end, atMost: 1 + plans.below(2)) { [self] in
        journal.count(.drifts)
        time.goes(fasterBy: plans.pick([-500, -20, 20, 500, 5_000]))
      }
    }
  }

  private func planOperators(until end: Int64) {
    now(andThen: end, atMost: plans.below(3)) { [self] in
      journal.count(.pauses)
      client.ask(.pause)
      time.after(plans.skewed(1_000...900_000)) { [self] in client.ask(.resume) }
    }
    now(andThen: end, atMost: plans.below(6)) { [self] in decideOnDeadLetters() }
    now(andThen: end, atMost: plans.below(3)) { [self] in client.ask(.acceptClock) }
    if plans.happens(30) { now(andThen: end, atMost: 2) { [self] in reload() } }
    now(andThen: end, atMost: 3) { [self] in wantsSnapshot = true }
  }

  /// An operator looks at what was given up, and retries or drops one or many.
  func decideOnDeadLetters() {
    guard let life, life.isAlive, !life.isStopping else { return }
    let state = plans.pick(["dead", "unknown"])
    let sql = "SELECT id FROM message WHERE state IN ('dead', 'unknown') ORDER BY id"
    let letters = life.look { $0.all(sql) { $0.integer(0) } }
    let selection = Selection(
      state: state, shop: plans.happens(30) ? plans.pick(Shops.names) : nil,
      kind: plans.happens(30) ? plans.pick([.reminder, .order]) : nil)
    switch plans.below(4) {
    case 0: client.ask(.retryAll(selection))
    case 1: client.ask(.dropAll(selection))
    case 2 where !letters.isEmpty: client.ask(.drop(message: "m-\(plans.pick(letters))"))
    default:
      if !letters.isEmpty { client.ask(.retry(message: "m-\(plans.pick(letters))")) }
    }
  }

  /// An hour, as clocks go: milliseconds.
  private static let farStep: Int64 = 3_500_000

  func step(by milliseconds: Int64) {
    // A kernel refuses a time at which the machine would have booted before 1970.
    guard milliseconds != 0, time.wall + milliseconds >= time.uptime else { return }
    time.step(by: milliseconds)
    journal.count(abs(milliseconds) < Self.farStep ? .clockSteps : .farClockSteps)
    journal.saw(.clockStepped(by: milliseconds))
  }
}
