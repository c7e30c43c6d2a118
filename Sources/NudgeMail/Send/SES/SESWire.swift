import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NudgeDomain

/// Requests to SES and their answers: signs, sends once, reads at most so much.
struct SESWire: Sendable {
  /// An answer of SES is a few hundred bytes.
  private static let longestAnswer = 64 * 1_024
  /// How long a connection waits for the next letter. Shorter than servers wait, since a letter that is written while the
  /// server hangs up is unknown.
  private static let idle = Duration.seconds(4)

  private enum Carrier {
    case client(HTTPClient)
    case network(SESNetwork)
  }

  let configuration: SESConfiguration
  private let carrier: Carrier
  private let now: @Sendable () -> Moment

  init(_ configuration: SESConfiguration, now: @escaping @Sendable () -> Moment) {
    self.configuration = configuration
    self.now = now
    var settings = HTTPClient.Configuration(askingOnce: configuration.timeouts)
    settings.connectionPool.idleTimeout = TimeAmount(Self.idle)
    settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.connections
    carrier = .client(HTTPClient(configuration: settings))
  }

  /// Speaks to whatever `network` is, and opens no connection.
  init(_ configuration: SESConfiguration, network: SESNetwork, now: @escaping @Sendable () -> Moment) {
    self.configuration = configuration
    self.now = now
    carrier = .network(network)
  }

  func shutdown() async {
    guard case .client(let client) = carrier else { return }
    try? await client.shutdown()  // fails only if it was shut down before
  }

  /// A request with a body of JSON, or none, signed for this moment.
  func signed(_ method: String, _ path: String, body: [UInt8] = [], by credentials: AWSCredentials) -> SigV4.Request {
    var headers = [SigV4.Request.Field("Host", configuration.endpoint.host)]
    if !body.isEmpty { headers.append(.init("Content-Type", "application/json")) }
    let request = SigV4.Request(method: method, path: path, headers: headers, body: body)
    return SigV4(credentials: credentials, region: configuration.region, service: "ses").signed(request, at: now())
  }

  /// Sends a letter's request, with its body as the letter lets it go.
  func send(_ signed: SigV4.Request, _ body: LetterBody) async throws -> SESAnswer { try await carry(signed, body) }

  /// Sends a question, which has no body.
  func ask(_ signed: SigV4.Request) async throws -> SESAnswer { try await carry(signed, nil) }

  private func carry(_ signed: SigV4.Request, _ body: LetterBody?) async throws -> SESAnswer {
    switch carrier {
    case .client(let client): try await answer(of: client, to: request(signed, body))
    case .network(let network): try await network.answer(to: signed, body)
    }
  }

  private func request(_ signed: SigV4.Request, _ body: LetterBody?) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: configuration.endpoint.base + signed.path)
    request.method = HTTPMethod(rawValue: signed.method)
    for header in signed.headers { request.headers.add(name: header.name, value: header.value) }
    if let body { request.body = .stream(body, length: .known(Int64(signed.body.count))) }
    return request
  }

  private func answer(of client: HTTPClient, to request: HTTPClientRequest) async throws -> SESAnswer {
    let deadline = NIODeadline.now() + TimeAmount(configuration.timeouts.answer)
    let response = try await client.execute(request, deadline: deadline)
    var answer = SESAnswer(
      status: Int(response.status.code), errorType: response.headers.first(name: "x-amzn-ErrorType"))
    do {
      answer.body = try await Array(buffer: response.body.collect(upTo: Self.longestAnswer, by: deadline))
    } catch let error where (200..<300).contains(answer.status) && !(error is NIOTooManyBytesError) {
      throw error
    } catch {
      answer.body = nil  // the status says enough of a failure, and a success without a readable body is unknown
    }
    return answer
  }
}
