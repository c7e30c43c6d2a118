import NIOHTTP1

/// The keys of the role that an EC2 instance has, from its metadata service, version 2.
struct InstanceMetadata: CredentialsService {
  static let standardBase = "http://169.254.169.254"
  static let standardBaseIPv6 = "http://[fd00:ec2::254]"
  /// The service is on the machine itself, or not there.
  static let limits = SESTimeouts(connect: .seconds(1), answer: .seconds(3))
  private static let tokenLifetimeSeconds = 300
  private static let credentialsPath = "/latest/meta-data/iam/security-credentials/"

  private let base: String
  private let client: CredentialsClient

  var place: String { client.place }

  /// - Parameter base: a scheme and a host, perhaps a port.
  init(base: String, limits: SESTimeouts = Self.limits) {
    self.base = base
    client = CredentialsClient(place: "the instance metadata service at \(base)", limits: limits)
  }

  func fetch() async throws(CredentialsError) -> AWSCredentials {
    let token = try await client.text(
      .PUT, "\(base)/latest/api/token",
      headers: [("X-aws-ec2-metadata-token-ttl-seconds", "\(Self.tokenLifetimeSeconds)")]
    ).trimmed
    guard !token.isEmpty, AWSCredentials.isPlain(token) else { throw client.problem("gives no session token") }
    let header = [("X-aws-ec2-metadata-token", token)]
    let roles = try await client.text(.GET, base + Self.credentialsPath, headers: header, hiding: [token])
    guard let role = roles.split(whereSeparator: \.isWhitespace).first.map(String.init) else {
      throw client.problem("says that the instance has no role")
    }
    let path = Self.credentialsPath + escaped(role)
    return try LentCredentials.read(
      try await client.text(.GET, base + path, headers: header, hiding: [token]), from: client)
  }

  func shutdown() async { await client.shutdown() }
}

extension String {
  /// Without spaces and line ends around it.
  fileprivate var trimmed: String {
    split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
