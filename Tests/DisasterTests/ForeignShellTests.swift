import Foundation
import Glibc
import NudgeAPI
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

  /// What the log is long from, and how much more is written until it is copied the next time.
  private static let (long, quarter) = (512 << 20, 64 << 20)

  @Test(
    "a shell that reads while half a gigabyte is written: the log grows by that and says so once, and not any more after",
    .enabled(if: Means.hasRoom, "it takes 4 GiB in /tmp"))
  func readsForLong() async throws {
    try await withScene(schedule: "1h") { scene in
      let nudged = try await scene.ready()
      let shell = try await Shell(scene, "BEGIN; SELECT count(*) FROM checkout;")
      let written = try await scene.sendLarge(bytes: Self.long + Self.quarter)
      _ = try await nudged.line(containing: "reads the database and does not end: the write-ahead log grows")
      let grown = try await scene.status().walBytes
      #expect(grown >= Self.long && grown < written + written / 8, "\(grown) bytes for \(written)")
      await shell.leave()
      try await scene.sendLarge(bytes: Self.quarter * 3 / 2)
      _ = try await nudged.line(containing: "The write-ahead log is short again")
      let after = try await scene.status().walBytes
      #expect(after <= grown + 2 * Self.quarter)
      try await scene.sendLarge(bytes: Self.quarter / 2)
      #expect(try await scene.status().walBytes == after, "its beginning is written over")
      nudged.signal(SIGTERM)
      let end = await nudged.end()
      #expect(end.status == 0 && end.errorText.split(separator: "\n").count { $0.contains("log grows") } == 1)
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
