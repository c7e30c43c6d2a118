import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NudgeDomain

/// One question after another to a service that lends keys.
struct CredentialsClient: Sendable {
  /// An answer with keys is a few kilobytes.
  private static let longestAnswer = 256 * 1_024

  struct Answer: Sendable {
    var status: Int
    var text: String
  }

  let place: String
  private let client: HTTPClient
  private let answerLimit: Duration

  /// - Parameters:
  ///   - place: what errors call the service.
  ///   - limits: how long a connection and an answer may take.
  init(place: String, limits: SESTimeouts) {
    self.place = place
    client = HTTPClient(configuration: HTTPClient.Configuration(askingOnce: limits))
    answerLimit = limits.answer
  }

  func shutdown() async {
    try? await client.shutdown()  // fails only if it was shut down before
  }

  /// Sends a request; returns whatever the service says to it.
  ///
  /// - Parameter secrets: what no error may show, should the service repeat it.
  func ask(
    _ method: HTTPMethod, _ url: String, headers: [(String, String)] = [], body: String? = nil,
    hiding secrets: [String?]
  ) async throws(CredentialsError) -> Answer {
    var request = HTTPClientRequest(url: url)
    request.method = method
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let body { request.body = .bytes(ByteBuffer(string: body)) }
    do {
      let deadline = NIODeadline.now() + TimeAmount(answerLimit)
      let response = try await client.execute(request, deadline: deadline)
      let bytes = try await response.body.collect(upTo: Self.longestAnswer, by: deadline)
      return Answer(status: Int(response.status.code), text: String(buffer: bytes))
    } catch {
      throw problem("does not answer: \(Secrets.hidden(secrets, in: "\(error)"))")
    }
  }

  /// Sends a request that the service must answer with 200; its words.
  func text(
    _ method: HTTPMethod, _ url: String, headers: [(String, String)], hiding secrets: [String?] = []
  ) async throws(CredentialsError) -> String {
    let answer = try await ask(method, url, headers: headers, hiding: secrets)
    guard answer.status == 200 else {
      throw problem(
        "answers \(answer.status) to \(method) \(Self.path(url)): \(Secrets.hidden(secrets, in: answer.text))")
    }
    return answer.text
  }

  func problem(_ words: String) -> CredentialsError { CredentialsError(place: place, problem: errorText(words)) }

  private static func path(_ url: String) -> String { URLComponents(string: url)?.path ?? url }
}

/// Keys as the container endpoint and the instance metadata service write them.
struct LentCredentials: Decodable {
  private enum CodingKeys: String, CodingKey {
    case code = "Code"
    case message = "Message"
    case accessKeyID = "AccessKeyId"
    case secretAccessKey = "SecretAccessKey"
    case token = "Token"
    case expiration = "Expiration"
  }

  private var code: String?
  private var message: String?
  private var accessKeyID: String?
  private var secretAccessKey: String?
  private var token: String?
  private var expiration: String?

  /// The keys in the text of an answer.
  static func read(_ text: String, from client: CredentialsClient) throws(CredentialsError) -> AWSCredentials {
    guard let lent = try? JSONDecoder().decode(LentCredentials.self, from: Data(text.utf8)) else {
      throw client.problem("gives an answer that cannot be read")
    }
    if let code = lent.code, code != "Success" {
      throw client.problem("gives no credentials: \(code) \(lent.message ?? "")")
    }
    return try AWSCredentials(
      lentKey: lent.accessKeyID, secret: lent.secretAccessKey, token: lent.token, expiration: lent.expiration,
      by: client)
  }
}

extension AWSCredentials {
  /// Keys that a service wrote as text, checked before anything is made of them.
  init(
    lentKey key: String?, secret: String?, token: String?, expiration: String?, by client: CredentialsClient
  ) throws(CredentialsError) {
    guard let key, let secret, !key.isEmpty, !secret.isEmpty else { throw client.problem("gives no keys") }
    guard [key, secret, token ?? ""].allSatisfy(Self.isPlain) else {
      throw client.problem("gives keys with a character that no key has")
    }
    var end: Moment?
    if let expiration {
      guard let moment = Moment(internetTime: expiration) else {
        throw client.problem("says in no known way when the keys end: \(expiration)")
      }
      end = moment
    }
    self.init(accessKeyID: key, secretAccessKey: secret, sessionToken: token, expiresAt: end)
  }
}

extension Moment {
  /// Nil unless `text` is a time as RFC 3339 has it.
  fileprivate init?(internetTime text: String) {
    let parsed =
      (try? Date(text, strategy: .iso8601))
      ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    guard let parsed, abs(parsed.timeIntervalSince1970) < 1e12 else { return nil }
    self.init(milliseconds: Int64(parsed.timeIntervalSince1970 * 1_000))
  }
}
