import Foundation
import SimulationModel

/// Whether the judge sees what it is there for: lives through worlds with one mistake each until it names that mistake.
enum Controls {
  /// In so many worlds it has to be seen. Most show in the first few; what chance alone decides must not fail a check.
  private static let mostSeeds: UInt64 = 300

  /// The exit code: 0 if each mistake was seen.
  static func run() throws -> Int32 {
    let workshop = try Workshop()
    defer { workshop.leave() }
    var unseen = 0
    for sabotage in Sabotage.allCases {
      let seen = try look(for: sabotage, in: workshop)
      if seen == nil { unseen += 1 }
      let what = seen.map { "seen in seed \($0.seed): \($0.problem)" } ?? "not seen in \(mostSeeds) worlds"
      print("\(sabotage.rawValue): \(what)")
      fflush(nil)
    }
    return unseen == 0 ? 0 : 1
  }

  private static func look(for sabotage: Sabotage, in workshop: Workshop) throws -> (seed: UInt64, problem: String)? {
    let words = sabotage.rules.map { $0.rawValue + " " }
    for seed in 1...mostSeeds {
      let outcome = try Outcome.of(seed, in: workshop, spoiledBy: sabotage)
      let problem = outcome.problems.first { problem in words.contains { problem.hasPrefix($0) } }
      if let problem { return (seed, problem) }
    }
    return nil
  }
}
