import Dispatch
import Foundation
import NudgeDomain
import Synchronization
import TestKit
import Testing

@testable import NudgeMail

/// A clock that the test sets.
final class SetClock: Sendable {
  static let start = Moment(milliseconds: 1_795_000_000_000)
  private let moment = Mutex(SetClock.start)

  var now: Moment { moment.withLock { $0 } }

  func advance(by duration: Duration) { moment.withLock { $0 = $0.advanced(by: duration) } }
}

/// Runs `body` with a container endpoint on loopback that does as `script` says.
private func withContainer(
  _ clock: SetClock = SetClock(), authorization: ContainerCredentials.Authorization = .none,
  script: @escaping @Sendable (ScriptedServer.Line) -> Void,
  body: (FetchedCredentials, ScriptedServer) async throws -> Void
) async throws {
  let server = try ScriptedServer(script)
  let service = ContainerCredentials(
    url: "http://127.0.0.1:\(server.port)/keys", authorization: authorization, limits: patientSES)
  let source = FetchedCredentials(service, now: { clock.now })
  let result: Result<Void, any Error>
  do { result = .success(try await body(source, server)) } catch { result = .failure(error) }
  server.stop()
  await source.shutdown()
  try result.get()
}

/// Keys by number, as a service writes them.
private func lent(_ number: Int, until end: Moment?) -> String {
  let expiration = end.map {
    #", "Expiration": "\#(Date(timeIntervalSince1970: Double($0.milliseconds) / 1_000).ISO8601Format())""#
  }
  return #"{"AccessKeyId": "KEY\#(number)", "SecretAccessKey": "s", "Token": "t"\#(expiration ?? "")}"#
}

@Suite("Keys that a service lends") struct SendCredentialsServiceTests {
  @Test("keys are fetched again 15 minutes before they end, in the background, one fetch at a time")
  func refresh() async throws {
    let clock = SetClock()
    let gate = DispatchSemaphore(value: 0)
    let asked = AsyncStream<Int>.makeStream()
    let count = Atomic(0)
    try await withContainer(clock) { line in
      while line.request() != nil {
        let number = count.add(1, ordering: .relaxed).newValue
        asked.continuation.yield(number)
        if number > 1 { gate.wait() }
        line.answer(200, body: lent(number, until: SetClock.start.advanced(by: .seconds(3_600 * number))))
      }
    } body: { source, _ in
      var questions = asked.stream.makeAsyncIterator()
      async let first = source.current()
      async let second = source.current()
      let both = try await [first, second]
      #expect(both.map(\.accessKeyID) == ["KEY1", "KEY1"])
      #expect(await questions.next() == 1)
      clock.advance(by: .seconds(45 * 60) - .milliseconds(1))
      #expect(try await source.current().accessKeyID == "KEY1")
      #expect(count.load(ordering: .relaxed) == 1, "nobody asks before there are 15 minutes left")
      clock.advance(by: .milliseconds(1))
      for _ in 1...5 { #expect(try await source.current().accessKeyID == "KEY1", "meanwhile the old ones do") }
      #expect(await questions.next() == 2)
      gate.signal()
      // Once they have ended, whoever asks waits for the fetch that is under way, or finds what it brought.
      clock.advance(by: .seconds(15 * 60))
      #expect(try await source.current().accessKeyID == "KEY2")
      #expect(count.load(ordering: .relaxed) == 2, "one fetch at a time")
    }
  }

  @Test("a failed fetch leaves the old keys in use until they end, and the service alone for a while")
  func failure() async throws {
    let clock = SetClock()
    let count = Atomic(0)
    try await withContainer(clock) { line in
      while line.request() != nil {
        let number = count.add(1, ordering: .relaxed).newValue
        if (2...4).contains(number) {
          line.answer(500, body: "broken")
        } else {
          line.answer(200, body: lent(number, until: clock.now.advanced(by: .seconds(3_600))))
        }
      }
    } body: { source, _ in
      let used = try await source.current()
      #expect(used.accessKeyID == "KEY1")
      clock.advance(by: .seconds(50 * 60))
      #expect(await source.renew(used)?.problem == "answers 500 to GET /keys: broken")
      #expect(try await source.current().accessKeyID == "KEY1")
      clock.advance(by: .seconds(4))
      #expect(try await source.current().accessKeyID == "KEY1")
      #expect(count.load(ordering: .relaxed) == 2, "5 seconds it is left alone")
      clock.advance(by: .seconds(600))
      let error = await #expect(throws: CredentialsError.self) { try await source.current() }
      #expect(error?.problem == "answers 500 to GET /keys: broken")
      #expect(count.load(ordering: .relaxed) == 3)
      await #expect(throws: CredentialsError.self) { try await source.current() }
      #expect(count.load(ordering: .relaxed) == 3, "the failure is known, and not asked for again at once")
      clock.advance(by: .seconds(10))
      await #expect(throws: CredentialsError.self) { try await source.current() }
      #expect(count.load(ordering: .relaxed) == 4)
      clock.advance(by: FetchedCredentials.longestWait)
      #expect(try await source.current().accessKeyID == "KEY5")
    }
  }

  @Test("a service that lends for less than the margin, or what has ended, is asked once a minute")
  func short() async throws {
    let clock = SetClock()
    let count = Atomic(0)
    try await withContainer(clock) { line in
      while line.request() != nil {
        let number = count.add(1, ordering: .relaxed).newValue
        line.answer(200, body: lent(number, until: SetClock.start.advanced(by: .seconds(-60))))
      }
    } body: { source, _ in
      for _ in 1...5 {
        let keys = try await source.current()
        #expect(keys.accessKeyID == "KEY1")
      }
      clock.advance(by: .seconds(60))
      #expect(try await source.current().accessKeyID == "KEY2")
      #expect(count.load(ordering: .relaxed) == 2)
    }
  }

  @Test("keys that nobody says end stay, until AWS says that they have")
  func endless() async throws {
    let clock = SetClock()
    let count = Atomic(0)
    try await withContainer(clock) { line in
      while line.request() != nil {
        line.answer(200, body: lent(min(2, count.add(1, ordering: .relaxed).newValue), until: nil))
      }
    } body: { source, _ in
      let used = try await source.current()
      clock.advance(by: .seconds(1_000_000))
      #expect(try await source.current() == used)
      #expect(await source.renew(used) == nil)
      #expect(await source.renew(used) == nil)
      #expect(count.load(ordering: .relaxed) == 2, "whoever comes late with old keys finds the new ones")
      let second = try await source.current()
      #expect(second.accessKeyID == "KEY2")
      #expect(await source.renew(second)?.problem == "gives the same ones again")
    }
  }

  @Test(
    "what is no answer is an error in one line, without secrets",
    arguments: [
      (401, "not marker-token", "answers 401 to GET /keys: not (secret)"),
      (200, "<html>", "gives an answer that cannot"),
      (200, "{}", "gives no keys"), (200, #"{"AccessKeyId": "a", "SecretAccessKey": ""}"#, "gives no keys"),
      (200, #"{"AccessKeyId": "a b", "SecretAccessKey": "s"}"#, "gives keys with a character that no key has"),
      (200, #"{"AccessKeyId": "a", "SecretAccessKey": "s", "Expiration": "soon"}"#, "says in no known way when"),
      (200, #"{"Code": "Failed", "Message": "no\nrole"}"#, "gives no credentials: Failed no role"),
      (301, "", "answers 301"),
    ])
  func wrong(status: Int, body: String, expected: String) async throws {
    try await withContainer(authorization: .token("marker-token")) { line in
      guard let request = line.request(), request.head.contains("Authorization: marker-token\r\n") else { return }
      line.answer(status, headers: ["Location: http://127.0.0.1/elsewhere"], body: body)
    } body: { source, server in
      let error = await #expect(throws: CredentialsError.self) { try await source.current() }
      #expect(error?.problem.hasPrefix(expected) == true, "\(String(describing: error))")
      #expect(error?.place == "the container credentials endpoint http://127.0.0.1:\(server.port)/keys")
    }
  }

  @Test("a service that hangs up, hangs, or is not there is an error")
  func silent() async throws {
    try await withContainer { line in
      _ = line.request()
    } body: { source, _ in
      let error = await #expect(throws: CredentialsError.self) { try await source.current() }
      #expect(error?.problem.hasPrefix("does not answer: ") == true)
    }
    let server = try ScriptedServer { $0.waitForEnd() }
    for isThere in [true, false] {
      if !isThere { server.stop() }
      let limits = SESTimeouts(connect: .milliseconds(300), answer: .milliseconds(300))
      let source = FetchedCredentials(
        InstanceMetadata(base: "http://127.0.0.1:\(server.port)", limits: limits), now: { SetClock.start })
      let error = await #expect(throws: CredentialsError.self) { try await source.current() }
      #expect(error?.problem.hasPrefix("does not answer: ") == true)
      await source.shutdown()
    }
  }

  @Test("the metadata service is asked as version 2 is: a token, the role, its keys")
  func instance() async throws {
    let heads = Mutex<[String]>([])
    let server = try ScriptedServer { line in
      while let request = line.request() {
        heads.withLock { $0.append(request.head) }
        switch request.head.split(separator: " ").prefix(2).joined(separator: " ") {
        case "PUT /latest/api/token": line.answer(200, body: "tok-1\n")
        case "GET /latest/meta-data/iam/security-credentials/": line.answer(200, body: "role a\n")
        default:
          line.answer(
            200,
            body:
              #"{"Code": "Success", "AccessKeyId": "K", "SecretAccessKey": "s", "Token": "t", "Expiration": "2026-11-22T20:00:00.5Z"}"#
          )
        }
      }
    }
    let service = InstanceMetadata(base: "http://127.0.0.1:\(server.port)", limits: patientSES)
    let credentials = try await service.fetch()
    await service.shutdown()
    server.stop()
    #expect(credentials.expiresAt == Moment(milliseconds: 1_795_377_600_500))
    let seen = heads.withLock { $0 }
    #expect(seen.count == 3)
    #expect(seen[0].contains("X-aws-ec2-metadata-token-ttl-seconds: 300"))
    #expect(seen[1...].allSatisfy { $0.contains("X-aws-ec2-metadata-token: tok-1\r\n") })
    #expect(seen[2].hasPrefix("GET /latest/meta-data/iam/security-credentials/role "))
  }

  @Test("STS is asked with the token of the file, and says why not; the token is in no error")
  func webIdentity() async throws {
    try await withTemporaryFolder { folder in
      let token = folder.appending(path: "token")
      try Data("marker+token/=\n".utf8).write(to: token)
      let bodies = Mutex<[String]>([])
      let server = try ScriptedServer { line in
        while let request = line.request() {
          bodies.withLock { $0.append(String(decoding: request.body, as: UTF8.self)) }
          line.answer(
            400,
            body: """
              <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
              <Code>ExpiredTokenException</Code><Message>Token &lt;marker+token/=&gt; expired &amp; gone</Message>
              </Error></ErrorResponse>
              """)
        }
      }
      let endpoint = try #require(SESEndpoint("http://127.0.0.1:\(server.port)"))
      let service = WebIdentity(
        .init(name: "arn:aws:iam::1:role/r", session: "nudged", tokenFile: SecretFile(path: token.path)),
        endpoint: endpoint, limits: patientSES)
      let error = await #expect(throws: CredentialsError.self) { try await service.fetch() }
      await service.shutdown()
      server.stop()
      #expect(
        error?.problem
          == "answers 400 to arn:aws:iam::1:role/r: ExpiredTokenException: Token <(secret)> expired & gone")
      let expected =
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"
        + "&RoleSessionName=nudged&WebIdentityToken=marker%2Btoken%2F%3D"
      #expect(bodies.withLock { $0 } == [expected])
    }
  }

  @Test("a container endpoint that asks for the token of a file lends keys for hours, each time in time")
  func container() async throws {
    try await withTemporaryFolder { folder in
      let token = folder.appending(path: "token")
      try Data("Bearer wrong\n".utf8).write(to: token)
      let (clock, lifetime) = (SetClock(), Duration.seconds(3_600))
      let start = "\(clock.now.milliseconds / 1_000)"
      let endpoint = try Program(
        Repository.python, [Repository.oracle("container_credentials").path, "Bearer marker", start, "3600"])
      defer { endpoint.signal(SIGKILL) }
      let url = try await endpoint.line(containing: "ready ").dropFirst("ready ".count)
      let source = try credentialsChain(
        [
          "AWS_CONTAINER_CREDENTIALS_FULL_URI": String(url), "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token.path,
          "AWS_CONTAINER_AUTHORIZATION_TOKEN": "the file counts",
        ], now: { clock.now }
      ).source()
      let refusal = await #expect(throws: CredentialsError.self) { try await source.current() }
      #expect(refusal?.problem.contains("401") == true && refusal?.problem.contains("wrong") == false)
      try Data("Bearer marker\n".utf8).write(to: token)
      clock.advance(by: FetchedCredentials.firstWait)
      for number in 1...12 {
        // The fetch that the last round began may still be under way: what it brings is waited for.
        var keys = try await source.current()
        if keys.accessKeyID != "KEY\(number)", let problem = await source.renew(keys) { Issue.record("\(problem)") }
        keys = try await source.current()
        #expect(keys.accessKeyID == "KEY\(number)")
        let end = try #require(keys.expiresAt)
        #expect(end > clock.now)
        clock.advance(by: lifetime - FetchedCredentials.margin)
        _ = try await source.current()
      }
      await source.shutdown()
    }
  }
}
