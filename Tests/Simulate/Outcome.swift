import SimulationModel

/// What one seed came to.
struct Outcome: Codable, Sendable {
  var seed: UInt64
  /// Of what was seen, if it was asked for: it takes as long as the run.
  var hash: UInt64?
  /// Each promise that was broken, and whatever else went wrong; empty if all went well.
  var problems: [String]
  var counts: [Happening: Int]
}

extension Outcome {
  /// Lives through one seed.
  ///
  /// - Parameters:
  ///   - sabotage: a mistake that nudged is to make.
  ///   - show: is given what was seen.
  static func of(
    _ seed: UInt64, in workshop: Workshop, spoiledBy sabotage: Sabotage? = nil, isHashed: Bool = false,
    show: (Trace) -> Void = { _ in }
  ) throws -> Outcome {
    let world = try World(seed: seed, in: workshop, spoiledBy: sabotage)
    world.run()
    show(world.journal.trace)
    let violations = Judge.judge(world.journal.trace).map(\.description)
    return Outcome(
      seed: seed, hash: isHashed ? world.journal.hash : nil, problems: world.journal.complaints + violations,
      counts: world.journal.counts)
  }
}

/// What many seeds came to.
struct Coverage: Sendable {
  private(set) var runs = 0
  private(set) var counts: [Happening: Int] = [:]

  mutating func add(_ outcome: Outcome) {
    runs += 1
    counts.merge(outcome.counts) { $0 + $1 }
  }

  var text: String {
    let lines = Happening.allCases.filter { $0 != .virtualSeconds }.map { happening in
      let number = String(counts[happening, default: 0])
      return "  " + String(repeating: " ", count: max(0, 12 - number.count)) + number + "  " + happening.rawValue
    }
    let days = counts[.virtualSeconds, default: 0] / 86_400
    return (["\(runs) runs, \(days) days of virtual time:"] + lines).joined(separator: "\n")
  }
}
