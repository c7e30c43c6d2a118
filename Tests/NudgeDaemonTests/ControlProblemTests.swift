import Foundation
import HTTPTypes
import NudgeAPI
import NudgeDomain
import NudgeStore
import Testing

@testable import NudgeDaemon

@Suite("Problems of the control API")
struct ControlProblemTests {
  @Test(
    "a request that is wrong gets the problem that says why",
    arguments: [
      ("GET", "/nowhere", .notFound),
      ("GET", "/", .notFound),
      ("GET", "/checkouts/", .notFound),
      ("GET", "/checkouts/c-9", .notFound),
      ("GET", "/messages/17", .notFound),
      ("GET", "/messages/m-17", .notFound),
      ("GET", "/messages/m-017", .notFound),
      ("GET", "/messages/m-17/retry", .methodNotAllowed),
      ("POST", "/messages/m-17/forget", .notFound),
      ("DELETE", "/status", .methodNotAllowed),
      ("GET", "/checkout", .methodNotAllowed),
      ("HEAD", "/pause", .methodNotAllowed),
      ("GET", "/status?verbose=1", .invalid),
      ("GET", "/checkouts?limit=0", .invalid),
      ("GET", "/checkouts?limit=1001", .invalid),
      ("GET", "/checkouts?limit=", .invalid),
      ("GET", "/checkouts?limit=10&limit=20", .invalid),
      ("GET", "/checkouts?shop=", .invalid),
      ("GET", "/checkouts?email", .invalid),
      ("GET", "/messages?state=", .invalid),
      ("GET", "/messages?state=,", .invalid),
      ("GET", "/checkouts?after=x", .invalid),
      ("GET", "/checkouts?state=closed", .invalid),
      ("GET", "/checkouts?shop=%ff", .invalid),
      ("GET", "/messages?kind=mail", .invalid),
      ("GET", "/messages?state=dead,gone", .invalid),
      ("GET", "/messages?reason=why", .invalid),
    ] as [(String, String, Problem.Code)])
  func refuses(method: String, target: String, code: Problem.Code) async throws {
    try await withControl { control in
      let answer = try await control.ask(method, target)
      #expect(answer.status == code.status)
      if method != "HEAD" { #expect(answer.problem == code, "\(answer.text)") }
    }
  }

  @Test("405 names the methods that there are")
  func names() async throws {
    try await withControl { control in
      let read = try await control.ask("DELETE", "/status")
      #expect(read.fields["allow"] == "GET, HEAD")
      let written = try await control.ask("GET", "/order")
      #expect(written.fields["allow"] == "POST")
    }
  }

  @Test(
    "a body that is wrong gets the problem that says why",
    arguments: [
      ("/checkout", "", .malformed),
      ("/checkout", "{", .malformed),
      ("/checkout", #"{"checkout_id": "c", "checkout_id": "c"}"#, .malformed),
      ("/checkout", "[]", .invalid),
      ("/checkout", #"{"checkout_id": "c-1"}"#, .invalid),
      ("/checkout", #"{"checkout_id": "c-1", "email": "ann@example.com", "emial": ""}"#, .invalid),
      ("/checkout", #"{"checkout_id": "c", "email": "a@b.example", "occurred_at": "2026-11-22T12:05:01Z"}"#, .invalid),
      ("/order", "{}", .invalid),
      ("/backup", "{}", .invalid),
      ("/preview", #"{"kind": "postcard"}"#, .invalid),
    ] as [(String, String, Problem.Code)])
  func refusesBody(target: String, body: String, code: Problem.Code) async throws {
    try await withControl { control in
      let answer = try await control.post(target, body)
      #expect(answer.problem == code, "\(answer.text)")
    }
  }

  @Test("invalid values are all named by their pointers")
  func points() async throws {
    try await withControl { control in
      let answer = try await control.post(
        "/checkout", #"{"checkout_id": "c", "email": "nobody", "items": [{"name": ""}]}"#)
      let pointers = try Problem(json: answer.json).errors.map(\.pointer)
      #expect(pointers.contains("/email"))
      #expect(pointers.contains("/items/0/name"))
    }
  }

  @Test(
    "a wrong query parameter is named by its pointer",
    arguments: [
      ("limit=0", "/limit"), ("after=x", "/after"), ("state=closed", "/state"), ("shop=", "/shop"),
      ("shop=a&shop=b", "/shop"),
    ])
  func pointsAtQuery(query: String, pointer: String) async throws {
    try await withControl { control in
      let answer = try await control.ask("GET", "/checkouts?\(query)")
      #expect(try Problem(json: answer.json).errors.map(\.pointer) == [pointer])
    }
  }

  @Test("a body of another media type is refused", arguments: ["text/plain", "application/x-www-form-urlencoded"])
  func refusesMediaType(type: String) async throws {
    try await withControl { control in
      let body = ControlRouteTests.checkout
      #expect(try await control.ask("POST", "/checkout", body, type: type).problem == .unsupportedMediaType)
      #expect(try await control.ask("POST", "/events", body, type: type).problem == .unsupportedMediaType)
      let withCharacterSet = try await control.ask("POST", "/checkout", body, type: "Application/JSON; charset=utf-8")
      #expect(withCharacterSet.status == 202)
    }
  }

  @Test("a body over the limit is refused before it is sent if its size is said, else as soon as it shows")
  func refusesLargeBody() async throws {
    try await withControl { control in
      let announced = try control.connection()
      await announced.send(
        "POST /checkout HTTP/1.1\r\nHost: n\r\nContent-Type: application/json\r\nContent-Length: 1048577\r\n"
          + "Expect: 100-continue\r\n\r\n")
      #expect(try await announced.answer().problem == .tooLarge)

      let chunked = try control.connection()
      await chunked.send(
        "POST /checkout HTTP/1.1\r\nHost: n\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "100001\r\n" + String(repeating: " ", count: 0x10_0001) + "\r\n")
      #expect(try await chunked.answer().problem == .tooLarge)

      let fitting = "{\"checkout_id\": \"c-1\", \"email\": \"ann@example.com\"}"
      let padded = fitting + String(repeating: " ", count: Limits.eventBytes - fitting.utf8.count)
      #expect(try await control.post("/checkout", padded).status == 202)
    }
  }

  @Test("a client that asks before it sends is told to go on")
  func continues() async throws {
    try await withControl { control in
      let connection = try control.connection()
      let body = ControlRouteTests.checkout
      await connection.send(
        "POST /checkout HTTP/1.1\r\nHost: n\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
          + "Expect: 100-continue\r\n\r\n")
      #expect(try await connection.answer(hasBody: false).status == 100)
      await connection.send(body)
      #expect(try await connection.answer().status == 202)
    }
  }

  @Test(
    "what is not HTTP gets a problem, and the connection is closed",
    arguments: [
      "HELLO\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nHost: n\r\nbroken header\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nHost: n\r\nX: \(String(repeating: "x", count: 9_000))\r\n\r\n",
      "POST /checkout HTTP/1.1\r\nHost: n\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ])
  func refusesNonsense(bytes: String) async throws {
    try await withControl { control in
      let connection = try control.connection()
      await connection.send(bytes)
      #expect(try await connection.answer().problem == .malformed)
      #expect(await connection.end() == "")
      #expect(try await control.ask("GET", "/healthz").status == 200)
    }
  }

  @Test("what the store fails with becomes a problem that tells no internals")
  func maps() async throws {
    try await withControl { control in
      let full = Reply(control.engine.problem(.full))
      #expect(full.status.code == 503)
      #expect(full.head.headerFields[.retryAfter] == "30")
      let secret = "disk I/O error at /var/lib/nudged/nudged.db"
      for (error, code) in [
        (StoreError.unavailable(secret), Problem.Code.draining), (.failed(secret), .internal),
        (.cannotOpen(secret), .internal), (.notFound, .notFound), (.wrongState(.sent, .sent), .wrongState),
      ] {
        let problem = control.engine.problem(error)
        #expect(problem.code == code)
        #expect(!problem.json.text.contains("/var/lib"))
      }
    }
  }

  @Test("an event for which the queue has no place is told to come again; others are still answered")
  func isFull() async throws {
    try await withControl(queueLimit: 0) { control in
      let answer = try await control.post("/checkout", ControlRouteTests.checkout)
      #expect(answer.problem == .overloaded)
      #expect(answer.fields["retry-after"] == "1")
      #expect(try await control.ask("GET", "/status").status == 200)
    }
  }

  @Test("an event that has not come whole takes no place in the queue")
  func keepsNobodyOut() async throws {
    try await withControl(queueLimit: 1) { control in
      let slow = try control.connection()
      await slow.send(
        "POST /checkout HTTP/1.1\r\nHost: n\r\nContent-Type: application/json\r\nContent-Length: 900\r\n"
          + "Expect: 100-continue\r\n\r\n")
      #expect(try await slow.answer(hasBody: false).status == 100)
      #expect(try await control.post("/checkout", ControlRouteTests.checkout).status == 202)
    }
  }

  @Test("more streams than may run at once are told to come again; single events are still taken")
  func isOverloaded() async throws {
    try await withControl(capacity: Capacity(streams: 1)) { control in
      let first = try control.connection()
      await first.send(
        "POST /events HTTP/1.1\r\nHost: n\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n"
          + "Expect: 100-continue\r\n\r\n")
      #expect(try await first.answer(hasBody: false).status == 100)
      // The place is taken once the first event of the stream is on disk.
      let line = #"{"type": "checkout", "checkout_id": "c-1", "email": "ann@example.com"}"# + "\n"
      await first.send("\(String(line.utf8.count, radix: 16))\r\n\(line)\r\n")
      try await control.ringing(1)
      let second = try await control.stream(line)
      #expect(second.problem == .overloaded)
      #expect(second.fields["retry-after"] == "1")
      #expect(try await control.post("/checkout", ControlRouteTests.checkout).status == 202)
      await first.send("0\r\n\r\n")
      #expect(try await first.answer().status == 200)
      #expect(try await control.stream(line).status == 200)
    }
  }
}
