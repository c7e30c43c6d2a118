import NudgeAPI
import NudgeDomain
import Synchronization
import Testing

@testable import NudgeDaemon

@Suite("The short way of an event")
struct ShortWayTests {
  private static func request(_ body: String, fields: String = "", to path: String = "/checkout") -> String {
    "POST \(path) HTTP/1.1\r\nHost: n\r\nContent-Type: application/json\r\n\(fields)"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  private static let healthz = "GET /healthz HTTP/1.1\r\nHost: n\r\n\r\n"

  @Test("an event is answered the same whichever way it goes, and however it is cut")
  func answersTheSame() async throws {
    try await withControl { control in
      let first = try await control.post("/checkout", ControlRouteTests.checkout)
      #expect(first.status == 202)
      let again = try await control.post("/checkout", ControlRouteTests.checkout).text
      let body = ControlRouteTests.checkout
      let client = try control.connection()
      for fields in ["", "Expect: nothing\r\n", "X-Note: \(String(repeating: "x", count: 6_000))\r\n"] {
        let request = Array(Self.request(body, fields: fields).utf8)
        for cut in [request.count, 1, request.count - body.utf8.count, request.count - 3] {
          await client.send(Array(request[..<cut]))
          await client.send(Array(request[cut...]))
          let answer = try await client.answer()
          #expect(answer.status == 202 && answer.text == again, "\(fields.prefix(9)), cut at \(cut)")
        }
      }
      for path in ["/checkout?", "http://nudged/checkout"] {
        await client.send(Self.request(body, to: path))
        #expect(try await client.answer().text == again, "\(path)")
      }
      let typed = try await client.ask("POST", "/checkout", body, type: "Application/JSON; charset=utf-8")
      #expect(typed.text == again)
    }
  }

  @Test("what is wrong with an event is the same answer on both ways, and counted")
  func refusesTheSame() async throws {
    try await withControl { control in
      for body in ["{", "{}", #"{"checkout_id": "c-1", "email": "ann@example.com", "nmae": "Ann"}"#, ""] {
        let client = try control.connection()
        await client.send(Self.request(body) + Self.request(body, to: "/checkout?"))
        let (short, long) = (try await client.answer(), try await client.answer())
        #expect(short.status == long.status && short.text == long.text && short.fields == long.fields)
        #expect((400..<500).contains(short.status))
      }
      #expect(control.engine.answered == 8)
    }
  }

  @Test("what is sent behind an event waits for its answer, and is answered in its order")
  func keepsTheOrder() async throws {
    try await withControl { control in
      try await control.claimTheReminder()
      let (reached, goOn) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
      control.daemon.set {
        $0.duringRecall = {
          reached.continuation.yield()
          for await _ in goOn.stream { return }
        }
      }
      let client = try control.connection()
      await client.send(
        Self.request(ControlRouteTests.order, to: "/order") + Self.healthz + Self.request(ControlRouteTests.checkout)
          + "GET /nowhere HTTP/1.1\r\nHost: n\r\n\r\n" + Self.request(ControlRouteTests.checkout))
      for await _ in reached.stream { break }
      let before = control.engine.answered
      #expect(try await control.ask("GET", "/healthz").status == 200, "others are heard")
      #expect(control.engine.answered == before + 1, "and nothing that is behind the order")
      goOn.continuation.yield()
      for status in [202, 200, 202, 404, 202] { #expect(try await client.answer().status == status) }
      #expect(try await client.ask("POST", "/checkout", ControlRouteTests.checkout).status == 202)
    }
  }

  @Test("an event behind a question that is not answered yet waits for it")
  func waitsForOthers() async throws {
    try await withControl { control in
      let goOn = AsyncStream<Void>.makeStream()
      control.daemon.set {
        $0.duringCheck = {
          for await _ in goOn.stream { return }
        }
      }
      let client = try control.connection()
      let question = "POST /check HTTP/1.1\r\nHost: n\r\nContent-Length: 0\r\n\r\n"
      await client.send(question + Self.request(ControlRouteTests.checkout))
      // Time enough for it to overtake, if it could.
      for _ in 1...20 { #expect(try await control.ask("GET", "/healthz").status == 200) }
      goOn.continuation.yield()
      for status in [200, 202] { #expect(try await client.answer().status == status) }
    }
  }

  @Test("who says nothing more after an event has its answer; who stops in the middle is told so")
  func hearsTheEnd() async throws {
    try await withControl { control in
      let whole = try control.connection()
      await whole.send(Self.request(ControlRouteTests.checkout))
      whole.finish()
      #expect(try await whole.answer().status == 202)
      #expect(await whole.end() == "")
      let cut = try control.connection()
      await cut.send(String(Self.request(ControlRouteTests.checkout).dropLast()))
      cut.finish()
      #expect(try await cut.answer().problem == .malformed)
      #expect(await cut.end() == "")
      let noise = try control.connection()
      await noise.send(Self.request(ControlRouteTests.checkout) + "?\r\n\r\n")
      #expect(try await noise.answer().status == 202)
      #expect(try await noise.answer().problem == .malformed)
      #expect(await noise.end() == "")
      #expect(control.engine.capacity.bodies.inUse == 0)
    }
  }

  @Test("who asks to be let go after an event is let go, and what follows is not taken")
  func letsGo() async throws {
    try await withControl { control in
      let client = try control.connection()
      let other = #"{"checkout_id": "c-2", "email": "ann@example.com"}"#
      await client.send(
        Self.request(ControlRouteTests.checkout, fields: "Connection: close\r\n") + Self.request(other))
      #expect(try await client.answer().status == 202)
      #expect(await client.end() == "")
      #expect(try await control.ask("GET", "/checkouts/c-2").status == 404)
    }
  }
}
