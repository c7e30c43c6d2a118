import Foundation
import TestKit
import Testing

/// A judge that finds nothing must be one that would have.
@Suite("The judge of the disasters") struct JudgeTests {
  @Test("finds nothing in a quiet run, and each thing that is made up afterwards")
  func controls() async throws {
    try await withScene { scene in
      try await scene.witness.tell("load", #"{"seed": 1, "rate": 100, "limit": 40}"#)
      try await scene.finish(try await scene.ready())
      let verdict = try await scene.witness.verdict(scene.database)
      #expect(verdict.findings.isEmpty && verdict.number("unknown") == 0, "\(verdict.findings)")

      func after(_ change: String) async throws -> Verdict {
        let copy = "\(scene.state)/forged.db"
        let command = "cp '\(scene.database)' '\(copy)' && sqlite3 '\(copy)' \"\(change)\""
        let forged = try await Program.run(URL(filePath: "/bin/sh"), ["-c", command])
        #expect(forged.status == 0, "\(forged.errorText)")
        return try await scene.witness.verdict(copy)
      }
      let reminder = "(SELECT min(id) FROM message WHERE step IS NOT NULL AND state = 'sent')"
      let ordered = "(SELECT min(id) FROM checkout WHERE state = 'ordered')"
      #expect(try await !after("DELETE FROM checkout WHERE id = 1").lost.isEmpty)
      #expect(try await !after("DELETE FROM shop_order WHERE id = 1").lost.isEmpty)
      #expect(
        try await !after("UPDATE checkout SET state = 'cancelled', closed_by = NULL WHERE id = \(ordered)").lost.isEmpty
      )
      #expect(
        try await !after("UPDATE message SET state = 'scheduled', settled_at = NULL WHERE id = \(reminder)").lost
          .isEmpty)
      #expect(
        try await !after("INSERT INTO attempt VALUES (9999, 1, 'a@b.example', 1, 1, 'accepted', 'x', NULL)").lost
          .isEmpty)
      #expect(try await !after("DELETE FROM attempt WHERE message = \(reminder)").stray.isEmpty)
      #expect(try await !after("UPDATE message SET due_at = due_at + 60000 WHERE id = \(reminder)").early.isEmpty)
      for (forgery, finding) in [("repeat", \Verdict.doubled), ("backdate", \Verdict.afterOrder)] {
        try await scene.witness.tell("forge", #"{"what": "\#(forgery)"}"#)
        let verdict = try await scene.witness.verdict(scene.database)
        #expect(!verdict[keyPath: finding].isEmpty, "\(forgery)")
      }
    }
  }
}
