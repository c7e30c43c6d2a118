import Foundation
import SimulationModel

/// One process's share of the seeds.
enum Share {
  /// Of so many seeds, one is lived through twice: both times the same has to be seen.
  private static let doubled: UInt64 = 100

  static func run(_ arguments: Arguments, kept: [UInt64], worker: UInt64) throws {
    let workshop = try Workshop()
    defer { workshop.leave() }
    let mine = kept + Array(arguments.seeds)
    for (index, seed) in mine.enumerated() where UInt64(index) % arguments.jobs == worker {
      print(seed)
      fflush(nil)
      let isDoubled = seed % doubled == 0
      var outcome = try Outcome.of(seed, in: workshop, isHashed: isDoubled)
      if isDoubled, try Outcome.of(seed, in: workshop, isHashed: true).hash != outcome.hash {
        outcome.problems.append("the same seed was seen in two ways")
      }
      print(String(decoding: try JSONEncoder().encode(outcome), as: UTF8.self))
      fflush(nil)
    }
  }
}

/// One seed, for somebody who looks.
enum Single {
  static func run(_ arguments: Arguments) throws -> Int32 {
    let workshop = try Workshop()
    defer { workshop.leave() }
    let outcome = try Outcome.of(
      arguments.seeds.lowerBound, in: workshop, spoiledBy: arguments.sabotage, isHashed: true
    ) { trace in
      if arguments.isVerbose { show(trace) }
    }
    var coverage = Coverage()
    coverage.add(outcome)
    if arguments.isVerbose { print(coverage.text) }
    print("seed \(outcome.seed): hash \(String(outcome.hash ?? 0, radix: 16))")
    for problem in outcome.problems { print("  \(problem)") }
    return outcome.problems.isEmpty ? 0 : 1
  }

  private static func show(_ trace: Trace) {
    for (number, observation) in trace.observations.enumerated() {
      let at = observation.at
      var what = "\(observation.what)".replacing("SimulationModel.", with: "")
      if case .snapshot(let snapshot) = observation.what {
        what = (["snapshot: \(snapshot.status.map { "\($0)" } ?? "no status")"] + snapshot.messages.map { "  \($0)" })
          .joined(separator: "\n")
      }
      print(
        "\(number)\t\(at.elapsed)\t\(Date(timeIntervalSince1970: Double(at.wall) / 1_000).ISO8601Format())\t\(what)")
    }
  }
}
