import Foundation
import NudgeAPI
import TestKit
import Testing

@Suite("nudged, told to stop under load", .serialized) struct TerminationTests {
  @Test("SIGTERM, once or twice, ends it with 0; no hand-over is cut, no acknowledged event lost")
  func terminates() async throws {
    try await withScene { scene in
      try await scene.witness.tell("load", #"{"seed": 3, "rate": 60}"#)
      try await scene.witness.tell("mood", #"{"slow": 0.3}"#)
      for round in 1...3 {
        let nudged = try await scene.ready()
        try await scene.witness.tell("until", #"{"handed_over": 20, "acknowledged": 20}"#)
        nudged.signal(SIGTERM)
        if round.isMultiple(of: 2) { nudged.signal(SIGTERM) }
        let end = await nudged.end()
        #expect(end.status == 0, "\(end.errorText)")
      }
      try await scene.finish(try await scene.ready())
      let verdict = try await scene.witness.verdict(scene.database)
      print(verdict.summary("4 ends by SIGTERM"))
      #expect(verdict.findings.isEmpty, "\(verdict.findings)")
      #expect(verdict.number("unknown") == 0 && verdict.number("resent") == 0)
    }
  }

  @Test(
    "SIGTERM while the mail server answers nothing ends it within the drain limit, and what hung is unknown",
    .enabled(if: Means.isLong, "the mail server is waited for a minute: make test-kill"))
  func hangs() async throws {
    try await withScene { scene in
      try await scene.witness.tell("load", #"{"seed": 4, "rate": 60, "limit": 80}"#)
      try await scene.witness.tell("mood", #"{"hang": 1}"#)
      let nudged = try await scene.ready()
      try await scene.witness.tell("until", #"{"waiting": 14}"#)  // two of sixteen are kept free for order messages
      nudged.signal(SIGTERM)
      let end = await nudged.end()
      #expect(end.status == 0, "\(end.errorText)")
      try await scene.witness.tell("mood")
      try await scene.finish(try await scene.ready())
      let verdict = try await scene.witness.verdict(scene.database)
      print(verdict.summary("SIGTERM while the mail server hangs"))
      #expect(verdict.findings.isEmpty, "\(verdict.findings)")
      #expect(verdict.number("unknown") >= 14)
    }
  }

  @Test("of a socket that outlives it, no client is hung up on while it restarts under load")
  func hearsEverybody() async throws {
    try await withTemporaryFolder { folder in
      let script = Repository.root.appending(path: "Tests/oracles/activated.py").path
      let result = try await Program.run(
        Repository.python, [script, Repository.program("nudged").path, folder.path, "30"])
      try #require(result.status == 0, "\(result.errorText)")
      let report = try JSON(parsing: result.text)
      #expect(report["ends"] == [0])
      let answers = try #require(report["answers"]?.members)
      print("30 restarts: \(result.text)")
      #expect(answers.contains { $0.name == "202" })
      #expect(answers.allSatisfy { ["202", "503"].contains($0.name) }, "\(result.text)")
    }
  }
}
