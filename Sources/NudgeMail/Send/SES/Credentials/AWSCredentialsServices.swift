// The services that lend keys, as the environment names them.
extension AWSCredentialsChain {
  private static let standardSession = "nudged"

  func webIdentity() throws(CredentialsError) -> (any CredentialsService)? {
    guard let path = variable("AWS_WEB_IDENTITY_TOKEN_FILE") else { return nil }
    guard let role = variable("AWS_ROLE_ARN") else {
      throw problem("AWS_WEB_IDENTITY_TOKEN_FILE is set, but not AWS_ROLE_ARN")
    }
    let session = variable("AWS_ROLE_SESSION_NAME") ?? Self.standardSession
    guard session.wholeMatch(of: /[A-Za-z0-9_=,.@-]{2,64}/) != nil else {
      throw problem("AWS_ROLE_SESSION_NAME is not 2 to 64 of A-Z a-z 0-9 _ = , . @ -")
    }
    let address = variable("AWS_ENDPOINT_URL_STS") ?? standardSTS
    guard let endpoint = SESEndpoint(address) else {
      throw problem("AWS_ENDPOINT_URL_STS is not http or https with a host and no path")
    }
    let token = SecretFile(path: path)
    _ = try token.readToken()
    return WebIdentity(.init(name: role, session: session, tokenFile: token), endpoint: endpoint)
  }

  private var standardSTS: String {
    "https://sts.\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
  }

  func container() throws(CredentialsError) -> (any CredentialsService)? {
    if let path = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
      guard path.hasPrefix("/"), AWSCredentials.isPlain(path) else {
        throw problem("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path that begins with a slash")
      }
      return ContainerCredentials(url: ContainerCredentials.relativeBase + path, authorization: try authorization())
    }
    guard let url = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
    guard ContainerCredentials.isTrusted(url) else {
      throw problem(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on this machine, 169.254.170.2 or 169.254.170.23")
    }
    return ContainerCredentials(url: url, authorization: try authorization())
  }

  private func authorization() throws(CredentialsError) -> ContainerCredentials.Authorization {
    if let path = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") { return .file(SecretFile(path: path)) }
    guard let token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN") else { return .none }
    guard ContainerCredentials.isHeaderValue(token) else {
      throw problem("AWS_CONTAINER_AUTHORIZATION_TOKEN holds a character that no header can carry")
    }
    return .token(token)
  }

  /// The last in the row: it is looked for on every machine that says nothing else, unless that is forbidden.
  func instance() throws(CredentialsError) -> (any CredentialsService)? {
    if variable("AWS_EC2_METADATA_DISABLED")?.lowercased() == "true" { return nil }
    let isIPv6 = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.lowercased() == "ipv6"
    let standard = isIPv6 ? InstanceMetadata.standardBaseIPv6 : InstanceMetadata.standardBase
    guard let endpoint = SESEndpoint(variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? standard) else {
      throw problem("AWS_EC2_METADATA_SERVICE_ENDPOINT is not http or https with a host and no path")
    }
    return InstanceMetadata(base: endpoint.base)
  }

  private func problem(_ words: String) -> CredentialsError {
    CredentialsError(place: "environment", problem: words)
  }
}
