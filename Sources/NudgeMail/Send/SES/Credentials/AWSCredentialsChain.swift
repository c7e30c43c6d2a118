package import NudgeDomain

/// Where keys can come from, in the order in which that is looked at. What is found first counts: if it is wrong, nothing
/// else is looked at. Nobody is asked over the network here.
package struct AWSCredentialsChain: Sendable {
  /// The name of the systemd credential that holds a credentials file.
  package static let credentialName = "nudged.ses"

  let environment: [String: String]
  /// The configured credentials file.
  let file: String?
  /// The configured profile.
  let profile: String?
  let region: String
  let now: @Sendable () -> Moment

  package init(
    environment: [String: String], file: String?, profile: String?, region: String,
    now: @escaping @Sendable () -> Moment
  ) {
    self.environment = environment
    self.file = file
    self.profile = profile
    self.region = region
    self.now = now
  }

  /// The first place that has keys, or lends them.
  package func source() throws(CredentialsError) -> any AWSCredentialsSource {
    if let source = try systemd() { return source }
    if let source = try configured() { return source }
    if let source = try fixed() { return source }
    if let source = try shared() { return source }
    if let service = try webIdentity() { return FetchedCredentials(service, now: now) }
    if let service = try container() { return FetchedCredentials(service, now: now) }
    if let service = try instance() { return FetchedCredentials(service, now: now) }
    throw CredentialsError(
      place: "environment",
      problem: "AWS_ACCESS_KEY_ID is not set, there is no credentials file, and AWS_EC2_METADATA_DISABLED is true")
  }

  /// Nil if the variable is not set, or empty.
  func variable(_ name: String) -> String? {
    guard let value = environment[name], !value.isEmpty else { return nil }
    return value
  }

  private func systemd() throws(CredentialsError) -> (any AWSCredentialsSource)? {
    guard let folder = variable("CREDENTIALS_DIRECTORY") else { return nil }
    let file = SecretFile(path: "\(folder)/\(Self.credentialName)")
    guard try file.readIfThere() != nil else { return nil }
    return try source(file)
  }

  private func configured() throws(CredentialsError) -> (any AWSCredentialsSource)? {
    guard let file else { return nil }
    return try source(SecretFile(path: file))
  }

  private func source(_ file: SecretFile) throws(CredentialsError) -> FileCredentials {
    let name = profile ?? AWSProfile.standardName
    return try FileCredentials([file], from: file.path) { () throws(CredentialsError) in
      let profile = try AWSProfile(name, in: try file.read(), of: file.path)
      if let credentials = try profile.credentials() { return credentials }
      throw profile.lacksKeys
    }
  }

  private func fixed() throws(CredentialsError) -> (any AWSCredentialsSource)? {
    let (key, secret) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    guard variable(key) != nil || variable(secret) != nil else { return nil }
    func plain(_ name: String) throws(CredentialsError) -> String? {
      guard let value = variable(name) else { return nil }
      guard AWSCredentials.isPlain(value) else {
        throw CredentialsError(place: "environment", problem: "\(name) holds a character that no key has")
      }
      return value
    }
    func needed(_ name: String, beside other: String) throws(CredentialsError) -> String {
      if let value = try plain(name) { return value }
      throw CredentialsError(place: "environment", problem: "\(other) is set, but not \(name)")
    }
    let credentials = try AWSCredentials(
      accessKeyID: needed(key, beside: secret), secretAccessKey: needed(secret, beside: key),
      sessionToken: plain("AWS_SESSION_TOKEN"))
    return FixedCredentials(credentials, from: "environment")
  }
}
