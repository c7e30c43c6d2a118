import Foundation
import NIOHTTP1

/// The keys of the role that a container has, from the endpoint that its environment names: ECS, EKS Pod Identity.
struct ContainerCredentials: CredentialsService {
  static let relativeBase = "http://169.254.170.2"
  static let limits = SESTimeouts(connect: .seconds(2), answer: .seconds(5))
  /// Whom keys are asked of without TLS: the agents of ECS and EKS, and this machine.
  private static let trustedHosts: Set = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost", "[::1]"]

  /// What shows the endpoint that we may ask.
  enum Authorization: Hashable, Sendable {
    case none
    case token(String)
    /// Read again for each question: whoever put it there renews it.
    case file(SecretFile)
  }

  private let url: String
  private let authorization: Authorization
  private let client: CredentialsClient

  var place: String { client.place }

  init(url: String, authorization: Authorization, limits: SESTimeouts = Self.limits) {
    self.url = url
    self.authorization = authorization
    client = CredentialsClient(place: "the container credentials endpoint \(url)", limits: limits)
  }

  func fetch() async throws(CredentialsError) -> AWSCredentials {
    let token = try readToken()
    let headers = [("Accept", "application/json")] + (token.map { [("Authorization", $0)] } ?? [])
    return try LentCredentials.read(
      try await client.text(.GET, url, headers: headers, hiding: [token]), from: client)
  }

  func shutdown() async { await client.shutdown() }

  private func readToken() throws(CredentialsError) -> String? {
    switch authorization {
    case .none: return nil
    case .token(let token): return token
    case .file(let file):
      let token = try file.read().split(whereSeparator: \.isNewline).joined()
      guard !token.isEmpty, Self.isHeaderValue(token) else {
        throw CredentialsError(place: file.path, problem: "holds no authorization token")
      }
      return token
    }
  }

  /// True if `value` can stand in a header: printable ASCII. The word `Basic` or `Bearer` may come before the token.
  static func isHeaderValue(_ value: String) -> Bool { value.utf8.allSatisfy { (0x20...0x7e).contains($0) } }

  /// True if keys may be asked for at `url`: over TLS from anybody, else only from this machine and AWS's own agents.
  static func isTrusted(_ url: String) -> Bool {
    guard let parts = URLComponents(string: url), let host = parts.host?.lowercased(), !host.isEmpty,
      parts.user == nil, parts.password == nil
    else { return false }
    switch parts.scheme?.lowercased() {
    case "https": return true
    case "http": return trustedHosts.contains(host) || host.wholeMatch(of: /127(?:\.[0-9]{1,3}){3}/) != nil
    default: return false
    }
  }
}
