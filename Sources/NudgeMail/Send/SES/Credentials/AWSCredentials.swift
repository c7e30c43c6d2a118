package import NudgeDomain

/// The keys of an AWS account. They are secret: no description of this value shows them.
package struct AWSCredentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  package var accessKeyID: String
  package var secretAccessKey: String
  package var sessionToken: String?
  /// When they end; nil if nobody said that they do.
  package var expiresAt: Moment?

  package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiresAt: Moment? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
    self.expiresAt = expiresAt
  }

  package var description: String { "AWS credentials \(accessKeyID)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }

  /// `text` without the secrets, should a server have repeated them.
  func redacted(_ text: String) -> String { Secrets.hidden([secretAccessKey, sessionToken], in: text) }

  /// True if `value` can stand in a header: printable ASCII without spaces.
  static func isPlain(_ value: String) -> Bool { value.utf8.allSatisfy { (0x21...0x7e).contains($0) } }
}

enum Secrets {
  /// `text` with a word in place of each of `secrets`.
  static func hidden(_ secrets: [String?], in text: String) -> String {
    secrets.compactMap(\.self).filter { !$0.isEmpty }.reduce(text) { $0.replacing($1, with: "(secret)") }
  }
}

/// Why there are no credentials: where, and what is wrong there. Never shows a secret that was read.
package struct CredentialsError: Error, Hashable, CustomStringConvertible {
  /// `environment`, a file, a file and a line (`/etc/nudged/ses:3`), or a service and its address.
  package var place: String
  package var problem: String

  package var description: String { "\(place): \(problem)" }
}
