import Foundation
import Glibc
import TestKit
import Testing

@Suite(
  "nudged beside a sqlite3 shell", .serialized,
  .enabled(if: Means.isLong, "a lock is waited for: make test-kill")) struct ForeignShellTests
{
  @Test("a shell that holds the write lock: the log says so once, events are refused in time, all goes on afterwards")
  func locks() async throws {
    try await withScene { scene in
      try await scene.witness.tell("load", #"{"seed": 10, "rate": 40}"#)
      let nudged = try await scene.ready()
      try await scene.witness.tell("until", #"{"acknowledged": 40, "handed_over": 20}"#)
      let shell = try await Shell(scene, "BEGIN IMMEDIATE;")
      _ = try await nudged.line(containing: "Another program holds a lock on the database")
      try await scene.witness.tell("until", #"{"refused": 10}"#)
      await shell.leave()
      _ = try await nudged.line(containing: "The database can be written again")
      let end = try await scene.finish(nudged)
      let verdict = try await scene.witness.verdict(scene.database)
      print(verdict.summary("a foreign lock"))
      #expect(verdict.findings.isEmpty, "\(verdict.findings)")
      #expect(verdict.number("unknown") == 0 && verdict.number("resent") == 0)
      // Five seconds for the lock, and those for the group that was waiting for it before.
      #expect(verdict.numbers["longest_answer"].map { $0 < 15 } == true, "\(verdict.numbers)")
      let lines = end.errorText.split(separator: "\n")
      #expect(lines.count { $0.contains("holds a lock") } == 1 && lines.count < 20, "\(end.errorText)")
    }
  }

  @Test("a shell that holds a read transaction: everything goes on beside it")
  func reads() async throws {
    try await withScene { scene in
      try await scene.witness.tell("load", #"{"seed": 11, "rate": 60}"#)
      let nudged = try await scene.ready()
      try await scene.witness.tell("until", #"{"acknowledged": 10}"#)
      let shell = try await Shell(scene, "BEGIN; SELECT count(*) FROM checkout;")
      try await scene.witness.tell("until", #"{"acknowledged": 300, "handed_over": 100}"#)
      await shell.leave()
      let end = try await scene.finish(nudged)
      let verdict = try await scene.witness.verdict(scene.database)
      print(verdict.summary("a foreign reader"))
      #expect(verdict.findings.isEmpty, "\(verdict.findings)")
      #expect(verdict.number("refused") == 0 && !end.errorText.contains("error "), "\(end.errorText)")
    }
  }
}

/// A `sqlite3` shell in the middle of a transaction.
private struct Shell {
  let program: Program
  let gate: String

  init(_ scene: Scene, _ sql: String) async throws {
    gate = scene.folder.appending(path: "gate").path
    #expect(mkfifo(gate, 0o600) == 0)
    let script = ".timeout 60000\n\(sql)\n.system echo inside && cat '\(gate)'\nCOMMIT;\n"
    program = try scene.start(["sqlite3", scene.database], input: script)
    _ = try await program.line(containing: "inside")
  }

  /// Ends the transaction.
  func leave() async {
    let gate = gate
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        close(open(gate, O_WRONLY))
        continuation.resume()
      }
    }
    await program.end()
  }
}
