import Foundation
import NudgeAPI
import TestKit
import Testing

@Suite(
  "nudged, when somebody sets the clock", .serialized,
  .enabled(if: Means.fakesTime, "libfaketime is not installed")) struct ClockStepTests
{
  @Test("a step ahead sends what is due, a step back of hours sends nothing again")
  func steps() async throws {
    try await withScene(schedule: "5m, 1d") { scene in
      let clock = try FakeClock(in: scene.folder)
      try await scene.witness.tell(
        "load",
        #"{"seed": 12, "rate": 200, "limit": 20, "orders": 0, "changes": 0, "batches": 0, "steps": [300, 86400]}"#)
      let nudged = try await scene.ready(under: FakeClock.words, environment: clock.environment)
      try await scene.witness.tell("reached", #"{"acknowledged": 20}"#)
      try await scene.witness.tell("close")
      #expect(try await scene.witness.numbers()["handed_over"] == 0)
      try clock.set("+6m")
      try await scene.ask(.post, "/resume")  // it looks at once; a step that the kernel sees would wake it
      try await scene.witness.tell("reached", #"{"handed_over": 20}"#)
      try await scene.witness.tell("drained-but", #"{"scheduled": 20}"#)
      try clock.set("-3h")
      try await scene.ask(.post, "/resume")
      // Behind what would be sent again, if anything were, goes an order message.
      try await scene.ask(.post, "/order", #"{"order_id": "o", "email": "nobody@shop.example"}"#)
      try await scene.witness.tell("reached", #"{"handed_over": 21}"#)
      try await scene.witness.tell("drained-but", #"{"scheduled": 20}"#)
      #expect(try await scene.witness.numbers()["handed_over"] == 21)
      nudged.signal(SIGTERM)
      let end = await nudged.end()
      #expect(end.status == 0, "\(end.errorText)")
      let verdict = try await scene.witness.verdict(scene.database, isClockStepped: true)
      #expect(verdict.doubled.isEmpty && verdict.stray.isEmpty && verdict.oddities.isEmpty, "\(verdict.findings)")
    }
  }
}
