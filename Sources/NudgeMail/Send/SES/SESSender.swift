import AsyncHTTPClient
import NIOCore
import NIOHTTP1
package import NudgeDomain

/// Hands letters to Amazon SES, version 2 of its API, as raw mails.
///
/// A failure before SES can have had the whole letter is deferred: it holds the sender if no byte of the letter had left,
/// because then the letter cannot be the reason. Without an answer after that, nobody knows: unknown.
package struct SESSender: Sender {
  package struct Configuration: Hashable, Sendable {
    package let region: String
    package let configurationSet: String?
    let endpoint: SESEndpoint
    let timeouts: Timeouts
    let connections: Int

    /// - Parameters:
    ///   - connections: how many are kept at most, and so how many letters can be on their way.
    package init(
      region: String, endpoint: String, configurationSet: String? = nil, timeouts: Timeouts = .init(),
      connections: Int = 16
    ) throws(SESConfigurationError) {
      guard region.wholeMatch(of: /[a-z0-9-]{1,64}/) != nil else {
        throw SESConfigurationError(key: "region", problem: "is no region: eu-west-1, say")
      }
      guard let parsed = SESEndpoint(endpoint) else {
        throw SESConfigurationError(
          key: "endpoint",
          problem: "is not http or https with a host and no path: https://email.eu-west-1.amazonaws.com")
      }
      if let configurationSet, configurationSet.wholeMatch(of: /[A-Za-z0-9_-]{1,64}/) == nil {
        throw SESConfigurationError(key: "configuration_set", problem: "is not 1 to 64 of A-Z a-z 0-9 _ -")
      }
      self.region = region
      self.endpoint = parsed
      self.configurationSet = configurationSet
      self.timeouts = timeouts
      self.connections = max(1, connections)
    }
  }

  package struct Timeouts: Hashable, Sendable {
    /// Until the connection stands, TLS included.
    package var connect: Duration
    /// The whole hand-over, the answer included. What takes longer is unknown, so this is generous.
    package var answer: Duration

    package init(connect: Duration = .seconds(10), answer: Duration = .seconds(60)) {
      self.connect = connect
      self.answer = answer
    }
  }

  /// An answer of SES is a few hundred bytes.
  private static let longestAnswer = 64 * 1_024
  /// How long a connection waits for the next letter. Shorter than servers wait, since a letter that is written while the
  /// server hangs up is unknown.
  private static let idle = Duration.seconds(4)

  private let configuration: Configuration
  private let signer: SigV4
  private let client: HTTPClient
  private let now: @Sendable () -> Moment

  package init(
    configuration: Configuration, credentials: AWSCredentials, now: @escaping @Sendable () -> Moment
  ) {
    self.configuration = configuration
    self.now = now
    signer = SigV4(credentials: credentials, region: configuration.region, service: "ses")
    var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
    settings.timeout.connect = TimeAmount(configuration.timeouts.connect)
    settings.connectionPool.idleTimeout = TimeAmount(Self.idle)
    settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.connections
    settings.connectionPool.retryConnectionEstablishment = false
    settings.httpVersion = .http1Only
    client = HTTPClient(configuration: settings)
  }

  package func shutdown() async {
    try? await client.shutdown()  // fails only if it was shut down before
  }

  package func deliver(_ letter: Letter, mayLeave: @escaping @Sendable () -> Bool) async -> Delivery? {
    if let defect = letter.defect { return .refused(error: defect) }
    let request: SigV4.Request
    do {
      request = try sign(letter)
    } catch {
      return .refused(error: errorText("the letter cannot be written as a request: \(error)"))
    }
    let body = LetterBody(request.body, mayLeave: mayLeave)
    do {
      let answer = try await send(request, body)
      return body.progress.isWithdrawn ? nil : redacted(answer.delivery)
    } catch {
      return body.progress.isWithdrawn ? nil : redacted(failure(error, progress: body.progress))
    }
  }

  private func sign(_ letter: Letter) throws -> SigV4.Request {
    let request = SigV4.Request(
      method: "POST", path: SESRequest.path,
      headers: [.init("Host", configuration.endpoint.host), .init("Content-Type", "application/json")],
      body: try SESRequest(letter, configurationSet: configuration.configurationSet).body())
    return signer.signed(request, at: now())
  }

  private func send(_ signed: SigV4.Request, _ body: LetterBody) async throws -> SESAnswer {
    var request = HTTPClientRequest(url: configuration.endpoint.base + signed.path)
    request.method = .POST
    for header in signed.headers { request.headers.add(name: header.name, value: header.value) }
    request.body = .stream(body, length: .known(Int64(signed.body.count)))
    let response = try await client.execute(request, timeout: TimeAmount(configuration.timeouts.answer))
    var answer = SESAnswer(
      status: Int(response.status.code), errorType: response.headers.first(name: "x-amzn-ErrorType"))
    do {
      answer.body = try await Array(buffer: response.body.collect(upTo: Self.longestAnswer))
    } catch let error where (200..<300).contains(answer.status) && !(error is NIOTooManyBytesError) {
      throw error
    } catch {
      answer.body = nil  // the status says enough of a failure, and a success without a readable body is unknown
    }
    return answer
  }

  private func failure(_ error: any Error, progress: LetterBody.Progress) -> Delivery {
    let text = errorText("SES at \(configuration.endpoint.base): \(error)")
    if progress.isWhole { return .unknown(error: text) }
    return .deferred(progress.isBegun ? .message : .sender, error: text)
  }

  /// A server may repeat what it was sent, a session token included.
  private func redacted(_ delivery: Delivery) -> Delivery {
    let clean = signer.credentials.redacted
    return switch delivery {
    case .accepted: delivery
    case .deferred(let deferral, let error): .deferred(deferral, error: clean(error))
    case .refused(let error): .refused(error: clean(error))
    case .unknown(let error): .unknown(error: clean(error))
    }
  }
}

/// What is wrong with a configured value, and which one.
package struct SESConfigurationError: Error, Hashable, CustomStringConvertible {
  /// `region`, `endpoint` or `configuration_set`.
  package var key: String
  package var problem: String

  package var description: String { "\(key): \(problem)" }
}
