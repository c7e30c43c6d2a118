import Foundation
import NudgeAPI
import NudgeDomain
import NudgeStore
import Testing

@testable import NudgeDaemon

@Suite("A doubted clock, over the control API") struct ControlClockTests {
  /// A clock that is a day ahead, and the way to the routes.
  private func withJump<T>(
    isolation: isolated (any Actor)? = #isolation, _ body: (DispatchWorld, Door) async throws -> T
  ) async throws -> T {
    try await withDispatchWorld { world in
      let engine = Engine(
        store: world.store,
        surroundings: .init(world.dispatcher, clock: world.clock) { CheckReply(findings: []) }, version: "1.2.3",
        startedAt: noon, logger: .silent)
      world.clock.step(by: .seconds(86_400))
      try await world.tick()
      return try await body(world, Door(to: engine))
    }
  }

  private func due(_ answer: Door.Answer) throws -> Timestamp? {
    try CheckoutReply(json: try JSON(parsing: Array(answer.body.utf8))).nextReminderAt
  }

  @Test("events are taken, and counted from when they happened by the time before, whichever clock the shop goes by")
  func events() async throws {
    try await withJump { world, door in
      for (time, expected) in [
        ("", 1_800), (#","occurred_at":"2025-11-22T11:55:00Z""#, 1_500),
        (#","occurred_at":"2025-11-22T12:04:00Z""#, 2_040),
        (#","occurred_at":"2025-11-23T12:00:00Z""#, 1_800), (#","occurred_at":"2025-11-23T11:50:00Z""#, 1_200),
      ] as [(String, Int64)] {
        let id = "c-\(expected)-\(time.count)-\(time.utf8.reduce(0) { $0 &+ Int($1) })"
        let answer = await door.ask("POST", "/checkout", #"{"checkout_id":"\#(id)","email":"a@b.example"\#(time)}"#)
        #expect(answer.status == 202)
        let next = try due(answer)
        #expect(next == Timestamp(noon.advanced(by: .seconds(expected))), "\(time)")
      }
      let beyond = #"{"checkout_id":"x","email":"a@b.example","occurred_at":"2025-11-23T12:05:01Z"}"#
      #expect(await door.ask("POST", "/checkout", beyond).status == 422, "ahead of any clock")
      let order = #"{"order_id":"o-1","email":"a@b.example"}"#
      #expect(await door.ask("POST", "/order", order).status == 202)
      let line = #"{"type":"checkout","checkout_id":"n","email":"n@b.example","occurred_at":"2025-11-23T12:00:00Z"}"#
      #expect(
        await door.ask("POST", "/events", line, mediaType: "application/x-ndjson").body.contains(#""accepted":1"#))
    }
  }

  @Test("a clock that is believed takes no time that lies ahead")
  func believed() async throws {
    try await withJump { world, door in
      world.clock.step(by: .seconds(-86_400))
      let ahead = #"{"checkout_id":"x","email":"a@b.example","occurred_at":"2025-11-23T12:00:00Z"}"#
      #expect(await door.ask("POST", "/checkout", ahead).status == 422)
    }
  }

  @Test("status, metrics and the clock itself say so; accepting it is written down, and ends it")
  func told() async throws {
    try await withJump { world, door in
      let status = await door.ask("GET", "/status").body
      #expect(status.contains(#""state":"held""#) && status.contains("the wall clock jumped 1 d ahead"))
      let metrics = await door.ask("GET", "/metrics").body
      for line in [
        "nudged_clock_doubted 1\n", "nudged_clock_ahead_seconds 86400",
        #"nudged_sender_held{transport="maildir",reason="clock"} 1"#,
        #"nudged_sender_held{transport="maildir",reason="server"} 0"#,
      ] {
        #expect(metrics.contains(line), "\(line)")
      }
      let answer = await door.ask("GET", "/clock")
      let clock = try ClockReply(json: try JSON(parsing: Array(answer.body.utf8)))
      #expect(clock.wallAt == Timestamp(noon.advanced(by: .seconds(86_400))))
      #expect(clock.expectedAt == Timestamp(noon) && clock.doubtedSince == Timestamp(noon))
      #expect(clock.jumpMilliseconds == 86_400_000 && clock.jumpLimitMilliseconds == 600_000)
      #expect(await door.ask("POST", "/clock/accept").body.contains(#""accepted":true"#))
      #expect(await door.ask("POST", "/clock/accept").body.contains(#""accepted":false"#))
      #expect(await door.ask("GET", "/status").body.contains(#""state":"ok""#))
      #expect(await door.ask("GET", "/metrics").body.contains("nudged_clock_doubted 0\n"))
    }
  }

  @Test("a change that does not say when it happened counts, even after the clock was set back")
  func setBack() async throws {
    try await withJump { world, door in
      world.clock.step(by: .seconds(-86_400))
      func send(_ items: String) async throws -> CheckoutReply {
        let answer = await door.ask(
          "POST", "/checkout", #"{"checkout_id":"c","email":"a@b.example","items":\#(items)}"#)
        return try CheckoutReply(json: try JSON(parsing: Array(answer.body.utf8)))
      }
      _ = try await send(#"[{"name":"Mug"}]"#)
      world.clock.step(by: .seconds(-3_600))
      let changed = try await send(#"[{"name":"Pot"}]"#)
      #expect(changed.changed)
      #expect(changed.nextReminderAt == Timestamp(noon.advanced(by: .seconds(1_800 - 3_600))))
      #expect(try await send("[]").state == "cancelled")
    }
  }
}
