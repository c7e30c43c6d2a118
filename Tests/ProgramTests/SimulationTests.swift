import Foundation
import TestKit
import Testing

/// A few of the worlds that `make simulate` lives through by the thousand.
@Suite("Simulated worlds", .serialized) struct SimulationTests {
  private static let kept = Repository.root.appending(path: "Tests/Simulate/seeds.txt").path

  @Test("nudged keeps its promises through crashes, faults of the disk, stepped clocks and a foul mail server")
  func worlds() async throws {
    let run = try await Self.simulate("--kept", Self.kept, "--seeds", "31..60")
    #expect(run.status == 0, "\(run.text)")
    #expect(run.text.contains("runs, "))
  }

  @Test("what is seen of a world follows from its seed alone")
  func seeds() async throws {
    let first = try await Self.simulate("--seed", "7")
    let again = try await Self.simulate("--seed", "7")
    let other = try await Self.simulate("--seed", "8")
    #expect(first.text.contains("seed 7: hash "))
    #expect(first.text == again.text)
    #expect(first.text.split(separator: " ").last != other.text.split(separator: " ").last)
  }

  @Test("an argument that is none is refused with what there is", arguments: [["--seeds", "9..1"], ["--hurry"]])
  func usage(arguments: [String]) async throws {
    let run = try await Program.run(Repository.program("nudge-simulate"), arguments)
    #expect(run.status == 64)
    #expect(run.errorText.contains("usage: nudge-simulate"))
  }

  private static func simulate(_ arguments: String...) async throws -> Program.Result {
    try await Program.run(Repository.program("nudge-simulate"), arguments)
  }
}
