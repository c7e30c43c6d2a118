import Foundation
import NudgeAPI
import TestKit
import Testing

/// A machine without a battery for its clock, or with a broken one, that comes up in 2099: all that waits is due there.
@Suite(
  "nudged, on a machine that boots in 2099", .serialized,
  .enabled(if: Means.fakesTime && Means.mounts && Means.traces, "no libfaketime, no strace or not root"))
struct FarFutureTests {
  private static let decades = 73 * 365 * 86_400
  private static let shoppers = 20
  private static let order = #"{"order_id": "o-1", "email": "late@shop.example"}"#

  @Test("it mails nobody and says why, until somebody accepts the clock; then mail goes out, and what is late does not")
  func accepted() async throws {
    try await withScene(schedule: "1h, 1d") { scene in
      try await fill(scene)
      let machine = try FakeMachine(in: scene.folder, boot: "0000aaaa-0000-0000-0000-000000002099")
      try machine.clock.set("+\(Self.decades)")
      let first = try await scene.ready(under: machine.words)
      _ = try await first.line(containing: "The wall clock jumped ahead")
      try await scene.ask(.post, "/order", Self.order)
      try await expectAlarm(scene)
      first.signal(SIGKILL)
      await first.end()

      let second = try await scene.ready(under: machine.words)
      _ = try await second.line(containing: "The wall clock jumped ahead")
      try await scene.ask(.post, "/resume")  // nobody's pause, and no way around the doubt
      try await expectAlarm(scene)
      let accepted = try await scene.control("clock", "accept")
      #expect(accepted.status == 0 && accepted.text.contains("believed"), "\(accepted.errorText)")
      _ = try await second.line(containing: "The wall clock was accepted")
      try await scene.witness.tell("reached", #"{"handed_over": 1}"#)
      try await scene.witness.tell("drained")
      #expect(try await scene.witness.numbers()["handed_over"] == 1)
      second.signal(SIGTERM)
      #expect(await second.end().status == 0)
      #expect(try await states(scene) == ["order sent sent 1", "reminder skipped late \(2 * Self.shoppers)"])

      let third = try await scene.ready(under: machine.words)
      #expect(try await scene.ask(.get, "/clock").contains(#""doubted":false"#), "what was accepted stays so")
      third.signal(SIGTERM)
      #expect(await third.end().status == 0)
    }
  }

  @Test("a time server that vouches for it, for as long as it is asked to, is as good as a person")
  func vouchedFor() async throws {
    try await withScene(schedule: "1h, 1d", clock: "{ agreement: 1s }") { scene in
      try await fill(scene)
      let machine = try FakeMachine(in: scene.folder, boot: "0000bbbb-0000-0000-0000-000000002099")
      try machine.clock.set("+\(Self.decades)")
      let nudged = try await scene.ready(under: machine.words)
      _ = try await nudged.line(containing: "The wall clock jumped ahead")
      try await scene.ask(.post, "/order", Self.order)
      // It was asked again and again for longer than the agreement, and nobody vouched.
      for _ in 1...6 {
        try await scene.ask(.post, "/resume")
        try await scene.witness.tell("passed", #"{"seconds": 0.25}"#)
      }
      try await expectAlarm(scene)
      let moment = Date().addingTimeInterval(Double(Self.decades) - 1)
      let vouched = try await scene.start(FakeMachine.vouch(for: moment, on: nudged.processIdentifier)).end()
      #expect(vouched.status == 0, "\(vouched.errorText)")
      let deadline = ContinuousClock.now.advanced(by: .seconds(100))
      while try await scene.ask(.get, "/clock").contains(#""doubted":true"#) {
        try #require(ContinuousClock.now < deadline, "nobody believes the time server")
        try await scene.ask(.post, "/resume")  // it looks at once, not within a minute
        try await scene.witness.tell("passed", #"{"seconds": 0.25}"#)
      }
      _ = try await nudged.line(containing: "A time server vouches for the wall clock")
      try await scene.witness.tell("reached", #"{"handed_over": 1}"#)
      try await scene.witness.tell("drained")
      nudged.signal(SIGTERM)
      #expect(await nudged.end().status == 0)
      #expect(try await states(scene) == ["order sent sent 1", "reminder skipped late \(2 * Self.shoppers)"])
    }
  }

  /// A database of an earlier run, whose reminders wait.
  private func fill(_ scene: Scene) async throws {
    try await scene.witness.tell(
      "load",
      #"{"seed": 73, "rate": 200, "limit": \#(Self.shoppers), "orders": 0, "changes": 0, "batches": 0, "steps": [3600]}"#
    )
    let nudged = try await scene.ready()
    try await scene.witness.tell("reached", #"{"acknowledged": \#(Self.shoppers)}"#)
    try await scene.witness.tell("close")
    nudged.signal(SIGTERM)
    #expect(await nudged.end().status == 0)
  }

  /// Nothing was sent, and whoever looks is told why.
  private func expectAlarm(_ scene: Scene) async throws {
    let status = try await scene.status()
    #expect(status.counts.messagesScheduled == Self.shoppers + 1 && status.counts.sentTotal == 0)
    let people = try await scene.control("status").text
    #expect(people.contains("the wall clock jumped") && people.contains("nudgectl clock accept"), "\(people)")
    #expect(try await scene.control("clock").text.contains("no mail goes out"))
    let metrics = try await scene.ask(.get, "/metrics")
    #expect(metrics.contains("\nnudged_clock_doubted 1\n"))
    let ahead = metrics.firstMatch(of: /\nnudged_clock_ahead_seconds ([0-9]+)/).flatMap { Int($0.1) }
    #expect(ahead.map { abs($0 - Self.decades) < 86_400 } == true, "\(ahead ?? -1)")
    #expect(try await scene.witness.numbers()["handed_over"] == 0)
  }

  private func states(_ scene: Scene) async throws -> [String] {
    let sql = """
      SELECT iif(step IS NULL, 'order', 'reminder') || ' ' || state || ' ' || reason || ' ' || count(*) FROM message
      GROUP BY step IS NULL, state, reason ORDER BY 1
      """
    return try await scene.start(["sqlite3", "-readonly", scene.database, sql]).end().text
      .split(separator: "\n").map(String.init)
  }
}
