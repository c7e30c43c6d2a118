import NIOCore
import NIOHTTP1
import NudgeDomain

/// Requests to SES and their answers: signs, sends once, reads at most so much.
struct SESWire: Sendable {
  private enum Carrier {
    case connections(SESConnections)
    case network(SESNetwork)
  }

  let configuration: SESConfiguration
  private let carrier: Carrier
  private let now: @Sendable () -> Moment

  init(_ configuration: SESConfiguration, now: @escaping @Sendable () -> Moment) {
    self.configuration = configuration
    self.now = now
    carrier = .connections(SESConnections(configuration.endpoint, timeout: configuration.timeouts.connect))
  }

  /// Speaks to whatever `network` is, and opens no connection.
  init(_ configuration: SESConfiguration, network: SESNetwork, now: @escaping @Sendable () -> Moment) {
    self.configuration = configuration
    self.now = now
    carrier = .network(network)
  }

  func shutdown() async {
    guard case .connections(let connections) = carrier else { return }
    await connections.shutdown()
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
    case .connections(let connections): try await connections.send(request(signed, body))
    case .network(let network): try await network.answer(to: signed, body)
    }
  }

  private func request(_ signed: SigV4.Request, _ letter: LetterBody?) -> SESExchange.Request {
    var headers = HTTPHeaders(signed.headers.map { ($0.name, $0.value) })
    if let letter { headers.add(name: "Content-Length", value: String(letter.bytes.count)) }
    let head = HTTPRequestHead(
      version: .http1_1, method: HTTPMethod(rawValue: signed.method), uri: signed.path, headers: headers)
    return SESExchange.Request(
      head: head, letter: letter, deadline: .now() + TimeAmount(configuration.timeouts.answer))
  }
}
