import NIOCore
import NudgeAPI
import NudgeDomain
import Testing

@testable import NudgeDaemon

@Suite("The deadline of a request")
struct RequestDeadlineTests {
  private static let limit = TimeAmount.seconds(10)
  private static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

  @Test("begins with the first byte and closes when it has passed")
  func closes() {
    var deadline = RequestDeadline(limit: Self.limit)
    deadline.readBegan()
    #expect(deadline.bytesArrived(now: Self.at(5)) == .arm(at: Self.at(15)))
    deadline.readBegan()
    #expect(deadline.bytesArrived(now: Self.at(14)) == .none, "more bytes gain no time")
    deadline.readBegan()
    #expect(deadline.timerFired(now: Self.at(15)) == .close)
  }

  @Test("ends with the request; the next one has its own")
  func begins() {
    var deadline = RequestDeadline(limit: Self.limit)
    #expect(deadline.bytesArrived(now: Self.at(0)) == .arm(at: Self.at(10)))
    #expect(deadline.headArrived(isStream: false, now: Self.at(1)) == .none)
    deadline.endArrived()
    // The timer still runs: one serves many requests.
    #expect(deadline.bytesArrived(now: Self.at(8)) == .none)
    deadline.readBegan()
    #expect(deadline.timerFired(now: Self.at(10)) == .arm(at: Self.at(18)))
    deadline.endArrived()
    #expect(deadline.timerFired(now: Self.at(18)) == .none)
    #expect(deadline.bytesArrived(now: Self.at(20)) == .arm(at: Self.at(30)))
  }

  @Test("of a stream begins anew with each part")
  func restarts() {
    var deadline = RequestDeadline(limit: Self.limit)
    _ = deadline.bytesArrived(now: Self.at(0))
    _ = deadline.headArrived(isStream: true, now: Self.at(9))
    deadline.readBegan()
    #expect(deadline.timerFired(now: Self.at(10)) == .arm(at: Self.at(19)))
    deadline.bodyArrived(now: Self.at(18))
    #expect(deadline.timerFired(now: Self.at(19)) == .arm(at: Self.at(28)))
    #expect(deadline.timerFired(now: Self.at(28)) == .close)
  }

  @Test("of anything else does not")
  func doesNotRestart() {
    var deadline = RequestDeadline(limit: Self.limit)
    _ = deadline.bytesArrived(now: Self.at(0))
    _ = deadline.headArrived(isStream: false, now: Self.at(1))
    deadline.bodyArrived(now: Self.at(9))
    deadline.readBegan()
    #expect(deadline.timerFired(now: Self.at(10)) == .close)
  }

  @Test("does not blame the client while nudged is not reading")
  func isFair() {
    var deadline = RequestDeadline(limit: Self.limit)
    deadline.readBegan()
    _ = deadline.bytesArrived(now: Self.at(0))
    _ = deadline.headArrived(isStream: true, now: Self.at(0))
    #expect(deadline.timerFired(now: Self.at(10)) == .arm(at: Self.at(20)))
    deadline.readBegan()
    #expect(deadline.timerFired(now: Self.at(20)) == .close)
  }

  @Test("of a request behind another in one packet begins with its head")
  func beginsWithHead() {
    var deadline = RequestDeadline(limit: Self.limit)
    _ = deadline.bytesArrived(now: Self.at(0))
    deadline.endArrived()
    #expect(deadline.headArrived(isStream: false, now: Self.at(3)) == .none)
    deadline.readBegan()
    #expect(deadline.timerFired(now: Self.at(10)) == .arm(at: Self.at(13)))
    #expect(deadline.timerFired(now: Self.at(13)) == .close)
  }
}

@Suite("Lines of a stream")
struct LineSplitterTests {
  private func lines(_ text: String, parts: Int, limit: Int = 10) -> [String] {
    var splitter = LineSplitter(limit: limit)
    var rest = Array(text.utf8)[...]
    var lines: [LineSplitter.Line] = []
    while !rest.isEmpty {
      lines += splitter.feed(ByteBuffer(bytes: rest.prefix(parts)))
      rest = rest.dropFirst(parts)
    }
    if let last = splitter.finish() { lines.append(last) }
    return lines.map { line in
      guard case .text(let bytes) = line else { return "!" }
      return String(buffer: bytes)
    }
  }

  @Test("are the same however the stream is cut", arguments: 1...40)
  func areTheSame(parts: Int) {
    #expect(lines("one\r\ntwo\n\nfour", parts: parts) == ["one", "two", "", "four"])
    #expect(lines("one\n", parts: parts) == ["one"])
    #expect(lines("", parts: parts) == [])
    #expect(lines("\n", parts: parts) == [""])
    #expect(lines("0123456789\n0123456789\r\nx", parts: parts) == ["0123456789", "0123456789", "x"])
    #expect(lines("0123456789a\nok\n0123456789abcdefghijklmnop\nok", parts: parts) == ["!", "ok", "!", "ok"])
    #expect(lines("ok\n0123456789abcdefghij", parts: parts) == ["ok", "!"])
    #expect(lines("a\rb\n", parts: parts) == ["a\rb"])
  }
}

@Suite("The text of the metrics")
struct MetricsTextTests {
  @Test("escapes labels and writes times in seconds")
  func writes() {
    var text = MetricsText()
    text.family("a_total", .counter, "Help.")
    text.sample(["x": "a\"b\\c\nd", "y": ""], 3)
    text.sample([:], seconds: 1_002)
    text.sample([:], seconds: -1)
    #expect(
      text.text == """
        # HELP a_total Help.
        # TYPE a_total counter
        a_total{x="a\\"b\\\\c\\nd",y=""} 3
        a_total 1.002
        a_total -0.001

        """)
  }

  @Test("tells that mail is held, since when, and until when; and what the provider's quota is")
  func tellsHold() async throws {
    try await withControl { control in
      control.daemon.set { state in
        let probe = HeldDaemon.start.advanced(by: .milliseconds(1_500))
        state.sender = SenderReport(transport: "ses", state: .held(reason: "the day is used up", until: probe))
        state.sender.since = HeldDaemon.start
        state.sender.isUsedUp = true
        state.sender.perSecond = 12.6
        state.sender.quota = QuotaReport(used: 45_000, usable: 45_000, askedAt: HeldDaemon.start)
      }
      let answer = try await control.ask("GET", "/metrics")
      let lines = Set(answer.text.split(separator: "\n").map(String.init))
      let expected = [
        #"nudged_sender_held{transport="ses",reason="server"} 0"#,
        #"nudged_sender_held{transport="ses",reason="day_quota"} 1"#,
        "nudged_sender_held_since_seconds 1795348800.000", "nudged_sender_next_probe_seconds 1795348801.500",
        "nudged_rate_per_second 12.600", "nudged_quota_used 45000", "nudged_quota_usable 45000",
        "nudged_templates_held 0",
      ]
      for line in expected { #expect(lines.contains(line), "\(line)") }
      let status = try StatusReply(json: try await control.ask("GET", "/status").json)
      #expect(status.sender.ratePerSecond == "12.6" && status.sender.heldSince?.rfc3339 == "2026-11-22T12:00:00.000Z")
      #expect(status.quota?.usedToday == 45_000 && status.quota?.usableToday == 45_000)
      #expect(status.heldTemplates.isEmpty)
    }
  }

  @Test("tells what was taken, sent and answered")
  func tells() async throws {
    try await withControl { control in
      try await control.makeDeadLetter()
      _ = try await control.ask("GET", "/nowhere")
      let answer = try await control.ask("GET", "/metrics")
      #expect(answer.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      let lines = Set(answer.text.split(separator: "\n").map(String.init))
      #expect(lines.contains(#"nudged_build_info{version="1.2.3"} 1"#))
      #expect(lines.contains(#"nudged_events_total{type="checkout"} 1"#))
      #expect(lines.contains(#"nudged_messages{state="dead"} 1"#))
      #expect(lines.contains(#"nudged_messages_by_reason{reason="refused"} 1"#))
      #expect(lines.contains(#"nudged_deliveries_total{outcome="refused"} 1"#))
      #expect(lines.contains(#"nudged_requests_total{method="POST",route="/checkout",status="202"} 1"#))
      #expect(lines.contains(#"nudged_requests_total{method="",route="",status="404"} 1"#))
      #expect(lines.contains(#"nudged_sender_held{transport="maildir",reason="server"} 0"#))
    }
  }
}
