import Foundation
import TestKit
import Testing

@Suite("nudged, stopped and continued", .serialized) struct StandstillTests {
  @Test("what became due meanwhile goes out late, once, and as one reminder for each checkout")
  func longer() async throws {
    try await withScene(schedule: "4s, 6s") { scene in
      try await scene.witness.tell(
        "load", #"{"seed": 8, "rate": 200, "limit": 30, "orders": 0, "changes": 0, "steps": [4, 6]}"#)
      let nudged = try await scene.ready()
      try await scene.witness.tell("reached", #"{"acknowledged": 30}"#)
      nudged.signal(SIGSTOP)
      #expect(try await scene.witness.numbers()["handed_over"] == 0)
      try await scene.witness.tell("passed", #"{"seconds": 7}"#)
      nudged.signal(SIGCONT)
      try await scene.finish(nudged)
      let verdict = try await scene.witness.verdict(scene.database)
      print(verdict.summary("7 s of standstill"))
      #expect(verdict.findings.isEmpty, "\(verdict.findings)")
      let shoppers = verdict.number("acknowledged")
      #expect(verdict.number("collapsed") == shoppers && verdict.number("reminders_received") == shoppers)
    }
  }

  @Test(
    "in the middle of hand-overs: nothing twice, nothing after the order",
    .enabled(if: Means.isLong, "make test-kill"))
  func inTheMiddle() async throws {
    try await withScene { scene in
      try await scene.witness.tell("load", #"{"seed": 9, "rate": 50}"#)
      let nudged = try await scene.ready()
      for moment in ["received", "begun", "answered", "order acknowledged", "received"] {
        let aim = #"{"at": "\#(moment)", "after": 15, "pid": \#(nudged.processIdentifier), "signal": \#(SIGSTOP)}"#
        try await scene.witness.tell("aim", aim)
        try await scene.witness.tell("passed", #"{"seconds": 1.5}"#)
        nudged.signal(SIGCONT)
      }
      try await scene.finish(nudged)
      let verdict = try await scene.witness.verdict(scene.database)
      print(verdict.summary("5 standstills under load"))
      #expect(verdict.findings.isEmpty, "\(verdict.findings)")
      #expect(verdict.number("unknown") == 0 && verdict.number("resent") == 0)
    }
  }
}
