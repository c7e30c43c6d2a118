import Foundation
import NudgeDomain
import Synchronization
import TestKit
import Testing

@testable import NudgeMail

private let success = #"{"MessageId": "m-1"}"#

/// What a server does to one letter, and what may come of it.
struct SESMisbehaviour: CustomTestStringConvertible, Sendable {
  var name: String
  /// One, unless it depends on who is faster.
  var expected: Set<Kind>
  /// True for a letter that fits into no buffer on the way.
  var isLarge = false
  var script: @Sendable (ScriptedServer.Line) -> Void

  var testDescription: String { name }

  /// What may be said of a letter that was broken off. The client may have given the rest away before it learns of it: then
  /// unknown is the answer on the safe side.
  private static let untaken: Set<Kind> = [.sender, .message, .unknown]

  /// Before the server has the whole letter.
  static let before: [SESMisbehaviour] = [
    .init(name: "hangs up at once", expected: untaken, isLarge: true) { _ in },
    .init(name: "resets at once", expected: untaken, isLarge: true) { $0.reset() },
    .init(name: "resets after the head", expected: untaken, isLarge: true) { line in
      _ = line.read(through: "\r\n\r\n")
      line.reset()
    },
    .init(name: "resets in the middle of the letter", expected: untaken, isLarge: true) { line in
      _ = line.read(through: "\r\n\r\n")
      _ = line.read(100_000)
      line.reset()
    },
    .init(name: "says 100 and resets in the middle of the letter", expected: untaken, isLarge: true) {
      line in
      _ = line.read(through: "\r\n\r\n")
      line.write("HTTP/1.1 100 Continue\r\n\r\n")
      _ = line.read(100_000)
      line.reset()
    },
    .init(name: "says no before it has the letter", expected: untaken, isLarge: true) { line in
      _ = line.read(through: "\r\n\r\n")
      line.answer(403, headers: ["Connection: close"], body: "{}")
    },
  ]

  /// Once the server has the whole letter.
  static let after: [SESMisbehaviour] = [
    answering("says 100, then yes", .accepted, "HTTP/1.1 100 Continue\r\n\r\n" + answer(200, success)),
    answering(
      "says 100 three times, then yes", .accepted,
      String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 3) + answer(200, success)),
    answering(
      "says 103, then yes", .accepted,
      "HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n" + answer(200, success)),
    answering("says 100, then no", .sender, "HTTP/1.1 100 Continue\r\n\r\n" + answer(403, "{}")),
    answering("says 100 and hangs up", .unknown, "HTTP/1.1 100 Continue\r\n\r\n"),
    answering("wants to speak something else", .unknown, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    answering("wants no Expect, which nobody sent", .message, answer(417, "")),
    answering("is a proxy that wants a password", .sender, answer(407, "<html>")),
    answering("is a proxy that reaches nobody", .unknown, answer(502, "<html>")),
    answering("is a proxy that waited too long", .unknown, answer(504, "<html>")),
    answering("is too busy, which may come from behind a proxy", .unknown, answer(503, "")),
    answering(
      "sends a body in pieces", .accepted,
      "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n\(success)\r\n0\r\n\r\n"),
    answering(
      "breaks off a body in pieces", .unknown, "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n{\"Mess"),
    answering("ends the body by hanging up", .accepted, "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n\(success)"),
    answering("answers in HTTP/1.0", .accepted, "HTTP/1.0 200 X\r\nContent-Length: 20\r\n\r\n\(success)"),
    answering("answers in no version of HTTP", .unknown, "HTTP/9.9 200 X\r\n\r\n"),
    answering(
      "gives two lengths", .unknown, "HTTP/1.1 200 X\r\nContent-Length: 20\r\nContent-Length: 19\r\n\r\n\(success)"),
    answering("says nothing and hangs up", .unknown, ""),
    .init(name: "answers byte by byte", expected: [.accepted]) { line in
      guard line.request() != nil else { return }
      for character in answer(200, success) { line.write(String(character)) }
    },
    .init(name: "resets once it has the letter", expected: [.unknown]) { line in
      guard line.request() != nil else { return }
      line.reset()
    },
  ]

  private static func answering(_ name: String, _ expected: Kind, _ text: String) -> SESMisbehaviour {
    SESMisbehaviour(name: name, expected: [expected]) { line in
      guard line.request() != nil else { return }
      line.write(text)
    }
  }

  private static func answer(_ status: Int, _ body: String) -> String {
    "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }
}

@Suite("SES's misbehaviour") struct SendSESMisbehaviourTests {
  @Test("each is one outcome, and one connection", arguments: SESMisbehaviour.before + SESMisbehaviour.after)
  func row(misbehaviour: SESMisbehaviour) async throws {
    try await withSES(script: misbehaviour.script) { sender, server in
      let delivery = await sender.deliver(misbehaviour.isLarge ? largeLetter(bytes: 24_000_000) : letter())
      #expect(misbehaviour.expected.contains(delivery.kind), "\(delivery)")
      #expect(server.connections == 1, "nothing is sent again")
    }
  }

  @Test("a redirection is not followed")
  func redirection() async throws {
    let elsewhere = try ScriptedServer { _ in }
    defer { elsewhere.stop() }
    for status in [301, 302, 307, 308] {
      try await withSES { line in
        guard line.request() != nil else { return }
        line.answer(status, headers: ["Location: http://127.0.0.1:\(elsewhere.port)/v2/email/outbound-emails"])
      } body: { sender, _ in
        #expect(await sender.deliver(letter()).kind == .sender)
      }
    }
    #expect(elsewhere.connections == 0)
  }

  @Test("an answer too many is not the answer to the next letter")
  func twice() async throws {
    try await withSES { line in
      while line.request() != nil {
        line.write(
          "HTTP/1.1 200 X\r\nContent-Length: 20\r\n\r\n\(success)HTTP/1.1 200 X\r\nContent-Length: 20\r\n\r\n\(success)"
        )
      }
    } body: { sender, server in
      #expect(await sender.deliver(letter()).kind == .accepted)
      let second = await sender.deliver(letter())
      #expect(second.kind != .accepted || server.requests == 2, "\(second)")
    }
  }

  /// What may answer at the port instead of TLS.
  static let noTLS: [SESMisbehaviour] = [
    .init(name: "hangs up at once", expected: [.sender]) { _ in },
    .init(name: "resets at once", expected: [.sender]) { $0.reset() },
    .init(name: "hangs up in the middle of the handshake", expected: [.sender]) { line in _ = line.read(5) },
    .init(name: "resets in the middle of the handshake", expected: [.sender]) { line in
      _ = line.read(5)
      line.reset()
    },
    .init(name: "refuses the handshake", expected: [.sender]) { line in
      _ = line.read(5)
      line.write("\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}\u{28}")
    },
    .init(name: "speaks HTTP in the clear", expected: [.sender]) { line in
      _ = line.read(5)
      line.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    },
    .init(name: "speaks SMTP", expected: [.sender]) { $0.write("220 mail.example ESMTP\r\n") },
  ]

  @Test("without TLS no byte of the letter leaves", arguments: noTLS)
  func handshake(misbehaviour: SESMisbehaviour) async throws {
    let server = try ScriptedServer(misbehaviour.script)
    defer { server.stop() }
    let sender = try sesSender(endpoint: "https://127.0.0.1:\(server.port)")
    let delivery = await sender.deliver(letter())
    #expect(misbehaviour.expected.contains(delivery.kind), "\(delivery)")
    await sender.shutdown()
  }

  @Test("a certificate that nobody vouches for gets no byte of the letter")
  func stranger() async throws {
    try await withTemporaryFolder { folder in
      let server = try Program(Repository.python, [Repository.oracle("smtp_tls").path, folder.path, "implicit"])
      defer { server.signal(SIGKILL) }
      let port = try await server.line(containing: "ready ").dropFirst("ready ".count)
      for host in ["127.0.0.1", "localhost"] {
        let sender = try sesSender(endpoint: "https://\(host):\(port)")
        let delivery = await sender.deliver(letter())
        #expect(delivery.kind == .sender && delivery.error.contains("CERTIFICATE_VERIFY_FAILED"), "\(delivery)")
        await sender.shutdown()
      }
    }
  }
}

@Suite("SES, when keys have ended") struct SendSESExpiryTests {
  /// Takes letters that are signed with `key`; calls all other keys expired.
  private static func server(taking key: String) throws -> ScriptedServer {
    try ScriptedServer { line in
      while let request = line.request() {
        if request.head.contains("Credential=\(key)/") {
          line.answer(200, body: success)
        } else {
          line.answer(
            403, headers: ["x-amzn-ErrorType: ExpiredTokenException"],
            body: #"{"message": "The security token included in the request is expired"}"#)
        }
      }
    }
  }

  @Test("keys of a file hold mail until somebody writes others into it")
  func file() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "credentials")
      func write(_ key: String) throws {
        let text = "[default]\naws_access_key_id = \(key)\naws_secret_access_key = verysecret\n"
        try Data(text.utf8).write(to: file)
      }
      try write("OLD")
      let server = try Self.server(taking: "NEWER")
      defer { server.stop() }
      let source = try credentialsChain([:], file: file.path).source()
      let sender = try sesSender(endpoint: "http://127.0.0.1:\(server.port)", credentials: source)
      let held = await sender.deliver(letter())
      try write("NEWER")
      let flows = await sender.deliver(letter())
      await sender.shutdown()
      #expect(held.kind == .sender && flows.kind == .accepted, "\(held) \(flows)")
      #expect(held.error.hasPrefix("SES 403, ExpiredToken: The security token included in the request is expired, and"))
      #expect(held.error.contains("has no others yet") && !held.error.contains("verysecret"))
    }
  }

  @Test("keys of a service are fetched again at once, but the letter is not sent a second time by itself")
  func service() async throws {
    let fetches = Atomic(0)
    let endpoint = try ScriptedServer { line in
      while line.request() != nil {
        let number = fetches.add(1, ordering: .relaxed).newValue
        line.answer(
          200, body: #"{"AccessKeyId": "KEY\#(number)", "SecretAccessKey": "verysecret", "Token": "verytoken"}"#)
      }
    }
    defer { endpoint.stop() }
    let server = try Self.server(taking: "KEY2")
    defer { server.stop() }
    let service = ContainerCredentials(
      url: "http://127.0.0.1:\(endpoint.port)/", authorization: .none, limits: patientSES)
    let source = FetchedCredentials(service, now: { Moment(milliseconds: 0) })
    let sender = try sesSender(endpoint: "http://127.0.0.1:\(server.port)", credentials: source)
    let asked = Mutex(0)
    let held = await sender.deliver(letter()) {
      asked.withLock { $0 += 1 }; return true
    }
    #expect(held?.kind == .sender && held?.error.hasSuffix("there are new credentials by now") == true)
    #expect(server.requests == 1 && asked.withLock { $0 } == 1 && fetches.load(ordering: .relaxed) == 2)
    #expect(await sender.deliver(letter()).kind == .accepted)
    #expect(server.requests == 2)
    await sender.shutdown()
  }

  @Test("without credentials nothing leaves, and the sender is held")
  func none() async throws {
    let server = try ScriptedServer { _ in }
    defer { server.stop() }
    let service = InstanceMetadata(base: "http://nudged.invalid", limits: patientSES)
    let sender = try sesSender(
      endpoint: "http://127.0.0.1:\(server.port)",
      credentials: FetchedCredentials(service, now: { Moment(milliseconds: 0) }))
    let delivery = await sender.deliver(letter())
    guard case .unavailable(let error) = await sender.quota() else { Issue.record("a quota from nowhere"); return }
    await sender.shutdown()
    let words = "no credentials: the instance metadata service at http://nudged.invalid: does not answer"
    #expect(delivery.kind == .sender && delivery.error.hasPrefix(words) && error.hasPrefix(words), "\(delivery)")
    #expect(server.connections == 0)
  }
}
