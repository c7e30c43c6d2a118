import Foundation
import NudgeAPI
import TestKit
import Testing

@Suite(
  "nudged on a full disk", .enabled(if: Means.mounts && Means.isLong, "not root, or not asked for: make test-kill"))
struct FullDiskTests {
  @Test("events are refused with Retry-After, the log says it once, and all goes on when there is room")
  func full() async throws {
    try await withScene { scene in
      try FileManager.default.createDirectory(atPath: scene.state, withIntermediateDirectories: true)
      // A small file system that nobody else sees; it is gone with the program that holds it.
      let hold = "mount -t tmpfs -o size=3m tmpfs '\(scene.state)' && echo mounted && exec tail -f /dev/null"
      let holder = try scene.start(["unshare", "-m", "--propagation", "private", "sh", "-c", hold])
      _ = try await holder.line(containing: "mounted")
      let there = ["nsenter", "-t", "\(holder.processIdentifier)", "-m"]
      try await scene.witness.tell("load", #"{"seed": 6, "rate": 60}"#)
      let nudged = try await scene.ready(under: there)
      _ = try await nudged.line(containing: "The disk is full")
      try await scene.witness.tell("until", #"{"refused": 100}"#)
      #expect(try await scene.ask(.get, "/status").contains(#""messages_scheduled""#), "it still answers")
      let room = try await scene.start(there + ["mount", "-o", "remount,size=256m", scene.state]).end()
      #expect(room.status == 0, "\(room.errorText)")
      _ = try await nudged.line(containing: "The database can be written again")
      try await scene.witness.tell("close")
      try await scene.witness.tell("drained")
      nudged.signal(SIGTERM)
      let end = await nudged.end()
      #expect(end.status == 0)
      // The database cannot be seen from here, and a backup has an identity of its own.
      let copied = try await scene.start(there + ["sh", "-c", #"cp "$0"* "$1""#, scene.database, scene.folder.path])
        .end()
      #expect(copied.status == 0, "\(copied.errorText)")
      let verdict = try await scene.witness.verdict(scene.folder.appending(path: "nudged.db").path)
      print(verdict.summary("a full disk"))
      #expect(verdict.findings.isEmpty, "\(verdict.findings)")
      #expect(verdict.number("unknown") == 0)
      let lines = end.errorText.split(separator: "\n")
      #expect(lines.count { $0.contains("isk is full") } == 1, "\(end.errorText)")
      #expect(lines.count < 20, "\(end.errorText)")
    }
  }
}
