import Foundation
import Logging
import NudgeDomain
import NudgeMail
import NudgeStore
import TestKit
import Testing

@testable import NudgeDaemon

/// moto, which verifies signatures, as its oracle says it is ready.
private struct Account: Decodable {
  var endpoint: String
  var accessKey: String
  var secretKey: String

  /// How many mails it took.
  func mails() async throws -> Int {
    let reply = try await Program.run(
      URL(filePath: "/usr/bin/curl"), ["--silent", "--fail", "\(endpoint)/moto-api/data.json"])
    let data = try JSONSerialization.jsonObject(with: reply.output) as? [String: Any]
    return ((data?["ses"] as? [String: Any])?["RawMessage"] as? [Any])?.count ?? 0
  }
}

@Suite("Mail is held while SES takes no keys of ours", .serialized) struct SESHoldTests {
  enum Trouble: String, CaseIterable, CustomTestStringConvertible {
    case wrongSecret, unknownKey, wrongToken, brokenFile

    var testDescription: String { rawValue }

    /// What the reason must say.
    var words: String {
      switch self {
      case .wrongSecret: "SignatureDoesNotMatch"
      case .unknownKey, .wrongToken: "InvalidClientTokenId"
      case .brokenFile: "is neither [section] nor name = value"
      }
    }
  }

  private static func file(_ key: String, _ secret: String, token: String? = nil) -> String {
    "[default]\naws_access_key_id = \(key)\naws_secret_access_key = \(secret)\n"
      + (token.map { "aws_session_token = \($0)\n" } ?? "")
  }

  /// The dispatcher that a daemon would have with `configuration`, on a clock that the test holds.
  private func withDispatcher(
    _ configuration: Configuration, in folder: URL, environment: [String: String] = [:],
    _ body: (Dispatcher, Store, HeldClock) async throws -> Void
  ) async throws {
    let clock = HeldClock(noon)
    let places = Places(config: nil, state: folder.path, socket: nil, environment: [:])
    let sender = try configuration.sender.makeSender(places, environment: environment, now: { clock.now() })
    let store = try Store(path: folder.appending(path: "nudged.db").path, now: noon)
    let dispatcher = Dispatcher(
      store: store, desk: try MailDesk(configuration: configuration), sender: sender, clock: clock, alarm: Alarm(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, jitter: { 0 })
    let result: Result<Void, any Error>
    do { result = .success(try await body(dispatcher, store, clock)) } catch { result = .failure(error) }
    await sender.shutdown()
    await store.close()
    try result.get()
  }

  private func withAccount(_ body: (Account) async throws -> Void) async throws {
    let server = try Program(Repository.python, [Repository.oracle("ses_server").path, "cart@shop.example"])
    defer { server.signal(SIGKILL) }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let line = try await server.line(containing: "ready ")
    try await body(decoder.decode(Account.self, from: Data(line.dropFirst("ready ".count).utf8)))
  }

  private func configuration(_ account: Account, keys: String) -> Configuration {
    var configuration = Configuration()
    configuration.sender.transport = .ses
    configuration.sender.maxInFlight = 2
    configuration.sender.ses.customEndpoint = account.endpoint
    configuration.sender.ses.credentialsFile = keys
    configuration.shops["default"]?.from = Mailbox(address: "cart@shop.example")
    return configuration
  }

  private func tick(_ dispatcher: Dispatcher, _ clock: HeldClock) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      _ = try await dispatcher.tick(now: clock.now(), into: &group)
    }
  }

  @Test(
    "wrong keys hold all mail and burn none; once they are right, the next probe lets it flow",
    arguments: Trouble.allCases)
  func corrected(trouble: Trouble) async throws {
    try await withTemporaryFolder { folder in
      try await withAccount { account in
        let keys = folder.appending(path: "keys")
        let right = Self.file(account.accessKey, account.secretKey)
        try Data(right.utf8).write(to: keys)
        let configuration = configuration(account, keys: keys.path)
        try await withDispatcher(configuration, in: folder) { dispatcher, store, clock in
          let wrong =
            switch trouble {
            case .wrongSecret: Self.file(account.accessKey, "marker" + account.secretKey)
            case .unknownKey: Self.file("AKIAIOSFODNN7EXAMPLE", "marker" + account.secretKey)
            case .wrongToken: Self.file("ASIAIOSFODNN7EXAMPLE", account.secretKey, token: "marker-token")
            case .brokenFile: "[default]\nmarker\n"
            }
          try Data(wrong.utf8).write(to: keys)
          for id in 1...5 {
            let change = CheckoutChange(
              key: CheckoutKey(shop: "default", id: "c-\(id)"), email: "c-\(id)@example.com", occurredAt: noon,
              content: "{}")
            _ = try await store.record(change, policy: configuration.policies["default"], now: noon)
          }
          clock.advance(by: .seconds(1_800))
          for _ in 1...3 {
            try await tick(dispatcher, clock)
            guard case .held(let reason, _, let probeAt) = dispatcher.status else {
              Issue.record("not held: \(dispatcher.status)")
              return
            }
            #expect(reason.contains(trouble.words), "\(reason)")
            #expect(!reason.contains("marker") && !reason.contains(account.secretKey))
            clock.advance(by: probeAt.since(clock.now()))
          }
          let held = try await store.messages(MessageQuery(limit: 10)).elements
          #expect(held.allSatisfy { $0.state == .scheduled }, "a hold burns no message")
          #expect(try await account.mails() == 0)
          try Data(right.utf8).write(to: keys)
          for _ in 1...5 { try await tick(dispatcher, clock) }
          #expect(dispatcher.status == .ok)
          let messages = try await store.messages(MessageQuery(limit: 100)).elements
          #expect(messages.count { $0.state == .sent } == 5)
          #expect(try await account.mails() == 5)
        }
      }
    }
  }

  @Test("a service that does not answer at the start holds mail, and lets it flow by itself once it does")
  func late() async throws {
    try await withTemporaryFolder { folder in
      try await withAccount { account in
        // A port at which nobody listens, until the endpoint does.
        let endpoint = try Program(
          Repository.python, [Repository.oracle("late_credentials").path, account.accessKey, account.secretKey],
          input: nil)
        defer { endpoint.signal(SIGKILL) }
        let port = try await endpoint.line(containing: "port ").dropFirst("port ".count)
        var configuration = configuration(account, keys: "")
        configuration.sender.ses.credentialsFile = nil
        let environment = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:\(port)/"]
        try await withDispatcher(configuration, in: folder, environment: environment) { dispatcher, store, clock in
          let change = CheckoutChange(
            key: CheckoutKey(shop: "default", id: "c-1"), email: "c-1@example.com", occurredAt: noon, content: "{}")
          _ = try await store.record(change, policy: configuration.policies["default"], now: noon)
          clock.advance(by: .seconds(1_800))
          try await tick(dispatcher, clock)
          guard case .held(let reason, _, let probeAt) = dispatcher.status else {
            Issue.record("not held: \(dispatcher.status)")
            return
          }
          #expect(
            reason.hasPrefix("no credentials: the container credentials endpoint http://127.0.0.1:\(port)/: does not"))
          endpoint.signal(SIGUSR1)
          _ = try await endpoint.line(containing: "listening")
          clock.advance(by: probeAt.since(clock.now()))
          try await tick(dispatcher, clock)
          #expect(dispatcher.status == .ok)
          #expect(try await account.mails() == 1)
        }
      }
    }
  }
}
