import Foundation
import NIOCore
import NIOPosix
import NudgeAPI
import NudgeDomain
import NudgeStore
import Synchronization
import Testing

@testable import NudgeDaemon

@Suite("Connections of the control server")
struct ControlDrainTests {
  @Test("draining closes idle connections, finishes what runs, and lets nobody in")
  func drains() async throws {
    try await withControl { control in
      let idle = try control.connection()
      #expect(try await idle.ask("GET", "/healthz").status == 200)
      let running = try control.connection()
      try await control.claimTheReminder()
      control.daemon.set { state in
        state.duringRecall = {
          control.server.drain()
          _ = await idle.end()
        }
      }
      // The order's recall drains the server, and ends only after the idle connection has been closed.
      let answer = try await running.ask("POST", "/order", ControlRouteTests.order)
      #expect(answer.status == 202)
      #expect(await running.end() == "")
      #expect(throws: RawConnection.Failure.self) { try control.connection() }
      #expect(!FileManager.default.fileExists(atPath: control.path))
    }
  }

  @Test("of a socket that outlives nudged, who has just connected is still heard, and who is known is let go at once")
  func hearsNewcomers() async throws {
    try await withControl(isActivated: true) { control in
      let known = try control.connection()
      #expect(try await known.ask("GET", "/healthz").status == 200)
      let newcomer = try control.connection()
      while control.engine.connections.count.open < 2 { await Task.yield() }
      // Open, and all that listens to it is in its place.
      for loop in ClientLoops.shared.group.makeIterator() { try await loop.submit {}.get() }
      control.server.drain()
      #expect(await known.end() == "")
      #expect(try await newcomer.ask("GET", "/healthz").status == 200)
    }
  }

  @Test("who comes just as the listener closes is served or sent away, and the server ends", arguments: [false, true])
  func hearsTheLastOnes(isActivated: Bool) async throws {
    for round in 0..<30 {
      try await withControl(isActivated: isActivated) { control in
        await withTaskGroup { group in
          for _ in 0..<12 {
            group.addTask { _ = try? await control.ask("GET", "/healthz") }
          }
          group.addTask {
            for _ in 0..<(20 * round) { await Task.yield() }
            control.server.drain()
          }
        }
      }
    }
  }

  @Test("who was accepted when the listener closes, and has not arrived, is heard")
  func hearsWhoIsOnTheWay() async throws {
    let loops = ClientLoops(threads: 2)
    var limits = ControlLimits.standard
    limits.arrival = .hours(1)
    try await withControl(isActivated: true, limits: limits, loops: loops) { control in
      #expect(try await control.ask("GET", "/healthz").status == 200)
      let listening = try #require(control.server.listener.withLock { $0?.eventLoop })
      // Clients go to the loops in turn: the next one to the other loop, which stands still.
      while loops.group.next() !== listening {}
      let held = HeldLoop(try #require(loops.group.makeIterator().first { $0 !== listening }))
      let onTheWay = try control.connection()
      #expect(try await control.ask("GET", "/healthz").status == 200, "so the one before is accepted")
      control.server.drain()
      try await listening.submit {}.get()
      held.letGo()
      #expect(try await onTheWay.ask("GET", "/healthz").status == 200)
    }
    try await loops.group.shutdownGracefully()
  }

  @Test("an event that comes while nudged drains is told to come again, and is not taken")
  func sendsLateEventsAway() async throws {
    try await withControl { control in
      let client = try control.connection()
      #expect(try await client.ask("GET", "/healthz").status == 200)
      control.engine.beginDraining()
      let answer = try await client.ask("POST", "/checkout", ControlRouteTests.checkout)
      #expect(answer.problem == .draining)
      #expect(answer.fields["retry-after"] != nil)
      #expect(try await control.store.summary(now: HeldDaemon.start).checkoutsOpen == 0)
    }
  }

  @Test("a stream is ended while draining, with the count of what is on disk")
  func endsStream() async throws {
    try await withControl { control in
      let connection = try control.connection()
      await connection.send(
        "POST /events HTTP/1.1\r\nHost: n\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")
      await connection.sendChunk(ControlEventsTests.checkout("c-1") + "\n")
      try await control.ringing(1)
      control.server.drain()
      await connection.sendChunk(ControlEventsTests.checkout("c-2") + "\n")
      await connection.send("0\r\n\r\n")
      let answer = try await connection.answer()
      #expect(answer.problem == .draining)
      #expect(answer.fields["retry-after"] != nil)
      #expect(answer.text.contains("1 events"))
    }
  }

  @Test("what still runs when the limit of the drain is reached is closed")
  func boundsDrain() async throws {
    var limits = ControlLimits()
    limits.drain = .milliseconds(1)
    try await withControl(limits: limits) { control in
      let stuck = try control.connection()
      await stuck.send("POST /events HTTP/1.1\r\nHost: n\r\nContent-Type: application/x-ndjson\r\n")
      await stuck.send("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
      #expect(try await stuck.answer(hasBody: false).status == 100)
      // What has come this far is under way, rather than about to begin.
      await stuck.sendChunk(ControlEventsTests.checkout("c-1") + "\n")
      try await control.ringing(1)
      control.server.drain()
      #expect(await stuck.end() == "")
    }
  }

  @Test(
    "a request that is not finished in time is closed, wherever it stalls",
    arguments: [
      "G", "GET /healthz HTTP/1.1\r\nHost: n\r\n",
      "POST /checkout HTTP/1.1\r\nHost: n\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{",
      "POST /events HTTP/1.1\r\nHost: n\r\nContent-Type: application/x-ndjson\r\nContent-Length: 10\r\n\r\n{",
    ])
  func closesSlowRequests(start: String) async throws {
    var limits = ControlLimits()
    limits.request = .milliseconds(20)
    try await withControl(limits: limits) { control in
      let slow = try control.connection()
      await slow.send(start)
      #expect(await slow.end() == "")
      #expect(try await control.ask("GET", "/healthz").status == 200)
    }
  }

  @Test("an idle connection is closed after its bound")
  func closesIdle() async throws {
    var limits = ControlLimits()
    limits.idle = .milliseconds(20)
    try await withControl(limits: limits) { control in
      #expect(await (try control.connection()).end() == "", "one that never asked anything")
      // On a machine that stalls, a connection has been idle for too long before its request is sent: then another one.
      var answered = false
      while !answered {
        let idle = try control.connection()
        guard let answer = try? await idle.ask("GET", "/healthz") else { continue }
        #expect(answer.status == 200)
        #expect(await idle.end() == "", "one that has its answer")
        answered = true
      }
    }
  }

  @Test("a client that does not read its answers is closed")
  func closesWhoDoesNotRead() async throws {
    var limits = ControlLimits()
    limits.answer = .milliseconds(20)
    try await withControl(limits: limits) { control in
      let lines = (1...1_000).map { ControlEventsTests.checkout("c-\($0)") }
      _ = try await control.stream(lines.joined(separator: "\n"))
      let deaf = try control.connection()
      let request = "GET /checkouts?limit=1000 HTTP/1.1\r\nHost: n\r\n\r\n"
      await deaf.send(String(repeating: request, count: 20))
      await deaf.hangUp()
      #expect(try await control.ask("GET", "/healthz").status == 200)
    }
  }

  @Test("connections beyond the bound wait while nudged is at work for all others")
  func boundsConnections() async throws {
    var limits = ControlLimits()
    limits.connections = 1
    try await withControl(limits: limits) { control in
      let stream = try control.connection()
      await stream.send(
        "POST /events HTTP/1.1\r\nHost: n\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")
      await stream.sendChunk(ControlEventsTests.checkout("c-1") + "\n")
      try await control.ringing(1)
      async let waiting = control.ask("GET", "/healthz")
      await stream.sendChunk(ControlEventsTests.checkout("c-2") + "\n")
      try await control.ringing(2)
      await stream.send("0\r\n\r\n")
      #expect(try await stream.answer().json["accepted"] == 2)
      #expect(try await waiting.status == 200)
    }
  }

  @Test("a connection that asks to be closed is closed after its answer")
  func closesOnRequest() async throws {
    try await withControl { control in
      let connection = try control.connection()
      #expect(try await connection.ask("GET", "/healthz", fields: ["Connection": "close"]).status == 200)
      #expect(await connection.end() == "")
    }
  }
}

extension RawConnection {
  func sendChunk(_ text: String) async {
    await send("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
  }
}

extension ControlFixture {
  /// A reminder of `c-1` is about to be handed over.
  func claimTheReminder() async throws {
    _ = try await post("/checkout", ControlRouteTests.checkout)
    let due = HeldDaemon.start.advanced(by: .seconds(1_800))
    daemon.set { $0.now = due }
    _ = try await store.claimDue(now: due, limit: 1, policies: Policies())
  }
}
