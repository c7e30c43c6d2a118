import NIOCore
import NudgeAPI
import NudgeStore
import Testing

@testable import NudgeDaemon

@Suite("Bounds of what clients take up")
struct ControlBoundsTests {
  private static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

  @Test("the clients that are missed least are sent away: the idle, else the one that has been slow for longest")
  func sendsAway() {
    let waits: [Standing.Wait] = [
      .forNudged, .slow(since: Self.at(1)), .idle(since: Self.at(7)), .idle(since: Self.at(5)),
    ]
    #expect(Connections.leastMissed(waits, now: Self.at(9)) == [3, 2])
    let busy: [Standing.Wait] = [.slow(since: Self.at(8)), .slow(since: Self.at(5)), .forNudged]
    #expect(Connections.leastMissed(busy, now: Self.at(9)) == [1])
    #expect(Connections.leastMissed(busy, now: Self.at(5)) == [], "nobody has been slow for long")
    #expect(Connections.leastMissed([.idle(since: Self.at(5))], now: Self.at(5)) == [], "it has only just come")
    #expect(Connections.leastMissed([.forNudged], now: Self.at(99)) == [])
    let many = [Standing.Wait](repeating: .idle(since: Self.at(1)), count: 100)
    #expect(Connections.leastMissed(many, now: Self.at(2)).count == Connections.leavingAtOnce)
  }

  @Test("a connection is idle between requests, slow within one, and waited for by nobody while nudged is at work")
  func stands() {
    var standing = Standing(now: Self.at(0))
    #expect(standing.wait == .idle(since: Self.at(0)))
    standing.bytesArrived(now: Self.at(1))
    standing.bytesArrived(now: Self.at(2))
    #expect(standing.wait == .slow(since: Self.at(1)))
    standing.headArrived(isStream: false, now: Self.at(3))
    standing.endArrived()
    #expect(standing.wait == .forNudged && !standing.isAhead)
    standing.bytesArrived(now: Self.at(4))
    #expect(standing.isAhead)
    standing.writabilityChanged(false, now: Self.at(5))
    #expect(standing.wait == .slow(since: Self.at(5)))
    standing.writabilityChanged(true, now: Self.at(6))
    standing.answered(now: Self.at(7))
    #expect(standing.wait == .slow(since: Self.at(4)), "the next request is on its way")
  }

  @Test("a stream is waited for, unless it was answered before its end")
  func standsStreaming() {
    var standing = Standing(now: Self.at(0))
    standing.headArrived(isStream: true, now: Self.at(1))
    #expect(standing.wait == .forNudged)
    standing.answered(now: Self.at(2))
    #expect(standing.wait == .slow(since: Self.at(2)))
    standing.endArrived()
    #expect(standing.wait == .idle(since: Self.at(2)))
  }

  @Test("a newcomer is served though all places are taken: by idle clients, by mute ones, by those in mid-sentence")
  func makesRoom() async throws {
    var limits = ControlLimits()
    limits.connections = 3
    try await withControl(limits: limits) { control in
      let idle = try control.connection()
      #expect(try await idle.ask("GET", "/healthz").status == 200)
      let crowd = try (1...5).map { _ in try control.connection() }
      for client in crowd { await client.send("GET /healthz HTTP/1.1\r\nHost: ") }
      #expect(try await control.ask("GET", "/healthz").status == 200)
      #expect(await idle.end() == "")
      let metrics = try await control.ask("GET", "/metrics").text
      #expect(metrics.contains("nudged_connections_limit 3\n"))
      for client in crowd { client.finish() }
    }
  }

  @Test("clients never take the descriptors that the database needs")
  func fits() {
    #expect(ControlLimits.standard(descriptors: 16_384).connections == 2_048)
    #expect(ControlLimits.standard(descriptors: 1_024).connections == 768)
    #expect(ControlLimits.standard(descriptors: 100).connections == 16)
  }

  @Test("ordinary bodies and answers are free, large ones share what there is, and give it back")
  func shares() {
    let allowance = Allowance(100, free: 10)
    var first: Share? = Share(of: allowance)
    #expect(first?.take(10) == true && allowance.inUse == 0)
    #expect(first?.take(80) == true && allowance.inUse == 80)
    let second = Share(of: allowance)
    #expect(!second.take(31) && allowance.inUse == 80)
    #expect(second.take(30) && allowance.inUse == 100)
    #expect(Share(of: allowance).take(10), "what is ordinary is always free")
    first = nil
    #expect(allowance.inUse == 20)
  }

  @Test("a large body or answer for which there is no memory is told to come again; ordinary ones are taken")
  func refusesLargeOnes() async throws {
    try await withControl(capacity: Capacity(bodyBytes: 30_000, answerBytes: 30_000)) { control in
      let lines = (1...200).map { ControlEventsTests.checkout("c-\($0)") }
      _ = try await control.stream(lines.joined(separator: "\n"))
      #expect(try await control.ask("GET", "/messages?limit=20").status == 200)
      #expect(try await control.ask("GET", "/messages?limit=200").problem == .overloaded)
      let metadata = String(repeating: "x", count: 60_000)
      let large = #"{"checkout_id": "c-1", "email": "ann@example.com", "metadata": "\#(metadata)"}"#
      let answer = try await control.post("/checkout", large)
      #expect(answer.problem == .overloaded && answer.fields["retry-after"] != nil)
      #expect(try await control.post("/checkout", ControlRouteTests.checkout).status == 202)
      #expect(control.engine.capacity.bodies.inUse == 0)
    }
  }

  @Test("a problem names a hundred wrong values and counts the others")
  func boundsErrors() async throws {
    try await withControl { control in
      let unknown = (0..<5_000).map { #""field_\#($0)": 0"# }.joined(separator: ",")
      let answer = try await control.post("/checkout", "{\"email\": \"ann@example.com\", \(unknown)}")
      let problem = try Problem(json: answer.json)
      #expect(problem.errors.count == 100)
      #expect(problem.detail.hasSuffix(", and 5000 more"))
    }
  }

  @Test("rejected lines are listed until their problems are too long together, and then counted")
  func boundsRejections() {
    let errors = (0..<100).map { Problem.FieldError(pointer: "/items/\($0)/nmae", detail: "is not a known field") }
    var rejections = Rejections()
    for line in 1...10_000 {
      rejections.add(.init(line: line, problem: Problem(.invalid, "wrong", errors: errors)))
    }
    #expect(rejections.inOrder.count < 2_000 && rejections.inOrder.count > 1_000)
    #expect(rejections.inOrder.count + rejections.more == 10_000)
    #expect(rejections.inOrder.last?.line == rejections.inOrder.count, "the first ones, without a gap")
  }

  @Test("who is told goodbye and does not leave is left")
  func leaves() async throws {
    var limits = ControlLimits()
    limits.farewell = .milliseconds(20)
    try await withControl(limits: limits) { control in
      let client = try control.connection()
      let request = "GET /healthz HTTP/1.1\r\nHost: n\r\n"
      await client.send(request + "Connection: close\r\n\r\n" + request + "\r\n" + request + "\r\n")
      await client.hangUp()
    }
  }

  @Test("thousands of requests at once are answered in their order")
  func answersPipelined() async throws {
    try await withControl { control in
      let client = try control.connection()
      let count = 2_000
      async let sent: Void = client.send(
        String(repeating: "GET /nowhere HTTP/1.1\r\nHost: n\r\n\r\n", count: count)
          + "GET /healthz HTTP/1.1\r\nHost: n\r\n\r\n")
      for _ in 0..<count { #expect(try await client.answer().status == 404) }
      #expect(try await client.answer().status == 200)
      await sent
    }
  }
}
