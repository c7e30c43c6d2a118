/// The keys of an AWS account. They are secret: no description of this value shows them.
package struct AWSCredentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  package var accessKeyID: String
  package var secretAccessKey: String
  package var sessionToken: String?

  package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }

  package var description: String { "AWS credentials \(accessKeyID)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }

  /// `text` without the secrets, should a server have repeated them.
  func redacted(_ text: String) -> String {
    [secretAccessKey, sessionToken].compactMap(\.self).filter { !$0.isEmpty }
      .reduce(text) { $0.replacing($1, with: "(secret)") }
  }
}

extension AWSCredentials {
  /// The name of the systemd credential that holds a credentials file.
  package static let credentialName = "nudged.ses"

  /// Finds the credentials: in the file `nudged.ses` of `$CREDENTIALS_DIRECTORY` if it is there, else in `file` if one is
  /// configured, else in the environment. What is found first counts: if it is wrong, nothing else is looked at.
  package static func load(environment: [String: String], file: String?) throws(CredentialsError) -> AWSCredentials {
    if let folder = environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty {
      let path = "\(folder)/\(credentialName)"
      if let text = try read(path, mayBeMissing: true) { return try AWSCredentials(parsing: text, file: path) }
    }
    if let file, let text = try read(file, mayBeMissing: false) {
      return try AWSCredentials(parsing: text, file: file)
    }
    return try AWSCredentials(environment: environment)
  }

  private init(environment: [String: String]) throws(CredentialsError) {
    func variable(_ name: String) throws(CredentialsError) -> String? {
      guard let value = environment[name], !value.isEmpty else { return nil }
      guard Self.isPlain(value) else {
        throw CredentialsError(place: "environment", problem: "\(name) holds a character that no key has")
      }
      return value
    }
    func needed(_ name: String) throws(CredentialsError) -> String {
      if let value = try variable(name) { return value }
      throw CredentialsError(place: "environment", problem: "\(name) is not set, and there is no credentials file")
    }
    try self.init(
      accessKeyID: needed("AWS_ACCESS_KEY_ID"), secretAccessKey: needed("AWS_SECRET_ACCESS_KEY"),
      sessionToken: variable("AWS_SESSION_TOKEN"))
  }

  /// True if `value` can stand in a header: printable ASCII without spaces.
  static func isPlain(_ value: String) -> Bool { value.utf8.allSatisfy { (0x21...0x7e).contains($0) } }
}

/// Why there are no credentials: where, and what is wrong there. Never shows a value that was read.
package struct CredentialsError: Error, Hashable, CustomStringConvertible {
  /// `environment`, a file, or a file and a line: `/etc/nudged/ses:3`.
  package var place: String
  package var problem: String

  package var description: String { "\(place): \(problem)" }
}
