import Foundation
import NudgeDomain
import Synchronization
import TestKit
import Testing

@testable import NudgeMail

@Suite("SES's answers") struct SendSESAnswerTests {
  struct Row: CustomTestStringConvertible, Sendable {
    var status: Int
    /// The header, if the error's name comes in it.
    var header: String?
    var body: String
    var expected: Kind

    init(_ status: Int, header: String? = nil, _ body: String, _ expected: Kind) {
      self.status = status
      self.header = header
      self.body = body
      self.expected = expected
    }

    init(_ status: Int, header: String, _ expected: Kind) {
      self.init(status, header: header, "{}", expected)
    }

    var testDescription: String { "\(status) \(header ?? "") \(body) is \(expected)" }
  }

  static let rows: [Row] = [
    Row(200, #"{"MessageId": "0102-x"}"#, .accepted),
    Row(200, #"{"MessageId": ""}"#, .unknown), Row(200, #"{"MessageId": 7}"#, .unknown),
    Row(200, "{}", .unknown), Row(200, "", .unknown), Row(200, "<html>", .unknown), Row(200, "[1]", .unknown),
    // Too fast.
    Row(429, header: "TooManyRequestsException", .throttled),
    Row(429, header: "TooManyRequestsException:http://internal.amazon.com/x/", .throttled),
    Row(429, "", .throttled),
    Row(
      400, #"{"__type": "com.amazonaws.ses#ThrottlingException", "message": "Maximum sending rate exceeded."}"#,
      .throttled),
    Row(400, #"{"code": "Throttling", "Message": "Maximum sending rate exceeded."}"#, .throttled),
    // The quota of the day.
    Row(400, header: "LimitExceededException", .sender), Row(429, header: "LimitExceededException", .sender),
    Row(400, #"{"__type": "Throttling", "message": "Daily message quota exceeded."}"#, .sender),
    Row(429, header: "TooManyRequestsException", #"{"message": "Daily message quota exceeded"}"#, .sender),
    // The account.
    Row(400, header: "SendingPausedException", .sender), Row(400, header: "AccountSuspendedException", .sender),
    Row(400, header: "MailFromDomainNotVerifiedException", .sender), Row(404, header: "NotFoundException", .sender),
    Row(
      400, header: "MessageRejected",
      #"{"message": "Email address is not verified. The following identities failed the check: cart@shop.example"}"#,
      .sender),
    Row(400, header: "MessageRejected", #"{"message": "Sending suspended for this account."}"#, .sender),
    Row(403, header: "SignatureDoesNotMatch", .sender), Row(403, header: "InvalidClientTokenId", .sender),
    Row(403, header: "ExpiredTokenException", .sender), Row(400, header: "ExpiredToken", .sender),
    Row(400, header: "UnrecognizedClientException", .sender), Row(403, "<html>no</html>", .sender),
    Row(404, "", .sender), Row(401, "", .sender), Row(301, "", .sender), Row(308, "", .sender),
    // The message.
    Row(400, header: "MessageRejected", #"{"message": "Local address contains control or whitespace"}"#, .refused),
    Row(400, header: "BadRequestException", .refused), Row(400, #"{"__type": "InvalidParameterValue"}"#, .refused),
    Row(400, header: "com.amazonaws.sesv2#BadRequestException:", #"{"Message": "no"}"#, .refused),
    Row(413, "", .refused),
    // Surely not sent, and not clear why.
    Row(400, header: "BrandNewException", .message), Row(400, "", .message), Row(408, "", .message),
    Row(400, "\u{1}garbage", .message),
    // Perhaps sent.
    Row(500, header: "InternalServiceErrorException", .unknown), Row(502, "<html>", .unknown), Row(503, "", .unknown),
    Row(504, "", .unknown), Row(303, "", .unknown), Row(503, header: "ThrottlingException", .unknown),
  ]

  @Test(
    "an answer gives the same id, whether it says only that or has to be decoded",
    arguments: ["0102-4e", "x.y@z/+~", "", "a b", #"\""#, #"\\"#, "é", #"\u0041"#, #"a","MessageId":"b"#])
  func id(written: String) {
    func delivery(_ body: String) -> Delivery { SESAnswer(status: 200, body: Array(body.utf8)).delivery }
    #expect(delivery(#"{"MessageId":"\#(written)"}"#) == delivery(#"{"MessageId": "\#(written)"}"#))
  }

  @Test("each answer is one outcome", arguments: rows)
  func row(_ row: Row) async throws {
    let header = row.header.map { ["x-amzn-ErrorType: \($0)"] } ?? []
    try await withSES { line in
      guard line.request() != nil else { return }
      line.answer(row.status, headers: header, body: row.body)
    } body: { sender, server in
      let delivery = await sender.deliver(letter())
      #expect(delivery.kind == row.expected, "\(delivery)")
      #expect(server.requests == 1)
    }
  }

  @Test("an error says the status, the name and the words, in one short line without secrets")
  func words() async throws {
    let said =
      #"{"message": "no\nX-Amz-Security-Token:verysecrettoken verysecretkey \#(String(repeating: "x", count: 900))"}"#
    try await withSES { line in
      guard line.request() != nil else { return }
      line.answer(403, headers: ["x-amzn-ErrorType: SignatureDoesNotMatch:x"], body: said)
    } body: { sender, _ in
      let error = await sender.deliver(letter()).error
      #expect(error.hasPrefix("SES 403, SignatureDoesNotMatch: no X-Amz-Security-Token:(secret) (secret) xxx"))
      #expect(error.count <= longestErrorText + 20 && !error.contains("\n"))
    }
  }
}

@Suite("SES's connection") struct SendSESConnectionTests {
  private let impatient = SESTimeouts(connect: .milliseconds(500), answer: .milliseconds(500))

  @Test("the request is what SES documents, and the mail in it byte for byte")
  func request() async throws {
    let seen = Mutex<[ScriptedServer.Line.Request]>([])
    try await withSES(configurationSet: "set-1") { line in
      while let request = line.request() {
        seen.withLock { $0.append(request) }
        line.answer(200, body: #"{"MessageId": "m-1"}"#)
      }
    } body: { sender, _ in
      let large = largeLetter(bytes: 300_000)
      for letter in [letter(), large] {
        #expect(await sender.deliver(letter) == .accepted(providerID: "m-1"))
        let request = try #require(seen.withLock { $0.last })
        #expect(request.head.hasPrefix("POST /v2/email/outbound-emails HTTP/1.1\r\n"))
        let body = try #require(try JSONSerialization.jsonObject(with: Data(request.body)) as? NSDictionary)
        let expected: NSDictionary = [
          "FromEmailAddress": "cart@shop.example", "ConfigurationSetName": "set-1",
          "Destination": ["ToAddresses": ["ann@example.com"]],
          "Content": ["Raw": ["Data": Data(letter.bytes).base64EncodedString()]],
          "EmailTags": [["Name": "nudged-attempt", "Value": "a-1-test"]],
        ]
        #expect(body == expected)
      }
    }
  }

  @Test("letters follow each other on one connection")
  func reuse() async throws {
    try await withSES { line in
      while line.request() != nil { line.answer(200, body: #"{"MessageId": "m"}"#) }
    } body: { sender, server in
      for _ in 0..<20 { #expect(await sender.deliver(letter()).kind == .accepted) }
      #expect(server.connections == 1)
    }
  }

  @Test("a letter can be taken back until its first byte leaves: the server gets a connection, and nothing on it")
  func takenBack() async throws {
    let first = AsyncStream<[UInt8]?>.makeStream()
    try await withSES { line in
      first.continuation.yield(line.read(1))
      first.continuation.finish()
    } body: { sender, server in
      #expect(await sender.deliver(letter()) { false } == nil)
      await sender.shutdown()
      for await byte in first.stream { #expect(byte == nil) }
      #expect(server.connections == 1)
    }
  }

  @Test("a server that cannot be reached holds the sender", arguments: ["http://127.0.0.1:%", "http://nudged.invalid"])
  func unreachable(endpoint: String) async throws {
    let server = try ScriptedServer { _ in }
    server.stop()
    let sender = try sesSender(endpoint: endpoint.replacing("%", with: "\(server.port)"))
    let delivery = await sender.deliver(letter())
    #expect(delivery.kind == .sender, "\(delivery)")
    await sender.shutdown()
  }

  @Test("a failed TLS handshake holds the sender", arguments: [true, false])
  func handshake(answers: Bool) async throws {
    let server = try ScriptedServer { line in
      if answers { line.write("this is not TLS\r\n\r\n") }
      _ = line.read(1)
    }
    defer { server.stop() }
    let sender = try sesSender(endpoint: "https://127.0.0.1:\(server.port)")
    let delivery = await sender.deliver(letter())
    #expect(delivery.kind == .sender, "\(delivery)")
    await sender.shutdown()
  }

  @Test("a connection that takes too long to stand holds the sender")
  func slowHandshake() async throws {
    let server = try ScriptedServer { $0.waitForEnd() }
    defer { server.stop() }
    let sender = try sesSender(endpoint: "https://127.0.0.1:\(server.port)", timeouts: impatient)
    let delivery = await sender.deliver(letter())
    #expect(delivery.kind == .sender, "\(delivery)")
    await sender.shutdown()
  }

  /// What a server may do once it has the whole letter.
  enum Mischief: String, CaseIterable {
    case closes, resets, hangs, stallsInBody, halfHead, halfBody, garbage, hugeBody, endlessBody, hugeHeader

    /// Nothing but its own patience ends the hand-over.
    var isSilent: Bool { self == .hangs || self == .stallsInBody }
  }

  @Test(
    "once the letter is written, silence and nonsense are unknown, and nothing is sent again",
    arguments: Mischief.allCases)
  func afterwards(mischief: Mischief) async throws {
    try await withSES(timeouts: mischief.isSilent ? impatient : patientSES) { line in
      guard line.request() != nil else { return }
      switch mischief {
      case .closes: break
      case .resets: line.reset()
      case .hangs: line.waitForEnd()
      case .stallsInBody:
        line.write("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{\"MessageId\":")
        line.waitForEnd()
      case .halfHead: line.write("HTTP/1.1 200 OK\r\nContent-Le")
      case .halfBody: line.write("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{\"MessageId\":")
      case .garbage: line.write("220 this is no web server\r\n\r\n")
      case .hugeBody: line.answer(200, body: #"{"MessageId": "\#(String(repeating: "x", count: 200_000))"}"#)
      case .endlessBody:
        line.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in 0..<100 { line.write("1000\r\n\(String(repeating: "x", count: 4_096))\r\n") }
      case .hugeHeader: line.answer(200, headers: ["X-Long: \(String(repeating: "x", count: 200_000))"])
      }
    } body: { sender, server in
      let delivery = await sender.deliver(letter())
      // A machine too busy to write the letter in the little time there is has nothing to be in doubt about.
      let isWritten = !mischief.isSilent || server.requests == 1
      #expect(!isWritten || delivery.kind == .unknown, "\(delivery)")
      #expect(server.connections <= 1)
      #expect(!delivery.error.contains("verysecret"))
    }
  }

  @Test("a failure is clear by its status, even if its body never ends")
  func endlessFailure() async throws {
    try await withSES { line in
      guard line.request() != nil else { return }
      line.write("HTTP/1.1 403 No\r\nContent-Length: 1000000\r\n\r\n{")
    } body: { sender, _ in
      #expect(await sender.deliver(letter()).kind == .sender)
    }
  }

  /// The client may have pulled the end before it learns that nobody takes it: then it is unknown, on the safe side.
  @Test("a letter that is broken off is deferred, or unknown if its end may have left, and not sent again")
  func halfway() async throws {
    try await withSES { line in
      _ = line.read(through: "\r\n\r\n")
      line.reset()
    } body: { sender, server in
      // More than the buffers of both ends hold.
      let delivery = await sender.deliver(largeLetter(bytes: 24_000_000))
      #expect([.sender, .message, .unknown].contains(delivery.kind), "\(delivery)")
      #expect(server.connections == 1)
    }
  }

  @Test("a cancelled hand-over is unknown once the letter is written")
  func cancelled() async throws {
    let arrived = AsyncStream<Void>.makeStream()
    try await withSES { line in
      guard line.request() != nil else { return }
      arrived.continuation.yield()
      line.waitForEnd()
    } body: { sender, _ in
      let task = Task { await sender.deliver(letter()) }
      for await _ in arrived.stream { break }
      task.cancel()
      #expect(await task.value.kind == .unknown)
    }
  }

  @Test("a letter that would break out of its envelope is refused before anything leaves")
  func defective() async throws {
    try await withSES { _ in
    } body: { sender, server in
      var strange = letter()
      strange.recipient = "ann@example.com\r\nRCPT TO:<eve@example.com>"
      #expect(await sender.deliver(strange).kind == .refused)
      #expect(server.connections == 0)
    }
  }

  @Test(
    "an impossible configuration is refused by its key",
    arguments: [
      ("EU WEST", "https://x.example", nil, "region"), ("eu-west-1", "ftp://x.example", nil, "endpoint"),
      ("eu-west-1", "https://", nil, "endpoint"), ("eu-west-1", "https://x.example/path", nil, "endpoint"),
      ("eu-west-1", "https://user@x.example", nil, "endpoint"), ("eu-west-1", "https://x.example:0", nil, "endpoint"),
      ("eu-west-1", "https://x.example:99999", nil, "endpoint"), ("eu-west-1", "x.example", nil, "endpoint"),
      ("eu-west-1", "https://x.example", "a set", "configuration_set"),
    ] as [(String, String, String?, String)])
  func configuration(region: String, endpoint: String, set: String?, key: String) {
    let error = #expect(throws: SESConfigurationError.self) {
      try SESConfiguration(region: region, endpoint: endpoint, configurationSet: set)
    }
    #expect(error?.key == key)
  }

  @Test(
    "the host that is signed is the one that is sent",
    arguments: [
      ("https://email.eu-west-1.amazonaws.com", "email.eu-west-1.amazonaws.com"),
      ("https://x.example:443/", "x.example"),
      ("http://x.example:80", "x.example"), ("http://x.example:8080", "x.example:8080"), ("HTTP://[::1]:5", "[::1]:5"),
    ])
  func host(endpoint: String, host: String) throws {
    #expect(try #require(SESEndpoint(endpoint)).host == host)
  }
}
