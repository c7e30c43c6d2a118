import NIOHTTP1

/// The keys of a role that a token of somebody else's proves we may have: Kubernetes' service accounts, say. STS gives them.
struct WebIdentity: CredentialsService {
  /// STS may be far away.
  static let limits = SESTimeouts(connect: .seconds(5), answer: .seconds(10))
  private static let version = "2011-06-15"

  struct Role: Hashable, Sendable {
    var name: String
    /// What AWS's logs call us.
    var session: String
    /// Read again for each question: whoever put it there renews it.
    var tokenFile: SecretFile
  }

  private let endpoint: SESEndpoint
  private let role: Role
  private let client: CredentialsClient

  var place: String { client.place }

  init(_ role: Role, endpoint: SESEndpoint, limits: SESTimeouts = Self.limits) {
    self.role = role
    self.endpoint = endpoint
    client = CredentialsClient(place: "STS at \(endpoint.base)", limits: limits)
  }

  func fetch() async throws(CredentialsError) -> AWSCredentials {
    let token = try role.tokenFile.readToken()
    let form = [
      ("Action", "AssumeRoleWithWebIdentity"), ("Version", Self.version), ("RoleArn", role.name),
      ("RoleSessionName", role.session), ("WebIdentityToken", token),
    ].map { "\($0)=\(escaped($1))" }.joined(separator: "&")
    let answer = try await client.ask(
      .POST, "\(endpoint.base)/",
      headers: [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"), ("Accept", "text/xml")],
      body: form, hiding: [token])
    return try credentials(in: answer, hiding: token)
  }

  func shutdown() async { await client.shutdown() }

  private func credentials(
    in answer: CredentialsClient.Answer, hiding token: String
  ) throws(CredentialsError) -> AWSCredentials {
    func element(_ name: String) -> String? { XMLText.element(name, in: answer.text) }
    guard answer.status == 200 else {
      let words = [element("Code"), element("Message")].compactMap(\.self).joined(separator: ": ")
      throw client.problem("answers \(answer.status) to \(role.name): \(Secrets.hidden([token], in: words))")
    }
    return try AWSCredentials(
      lentKey: element("AccessKeyId"), secret: element("SecretAccessKey"), token: element("SessionToken"),
      expiration: element("Expiration"), by: client)
  }
}
