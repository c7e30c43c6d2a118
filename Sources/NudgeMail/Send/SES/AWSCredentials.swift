/// The keys of an AWS account. They are secret: no description of this value shows them.
package struct AWSCredentials: Hashable, Sendable {
  package var accessKeyID: String
  package var secretAccessKey: String
  package var sessionToken: String?

  package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }

  package static func load(environment: [String: String], file: String?) throws(CredentialsError) -> AWSCredentials {
    throw CredentialsError(place: "environment", problem: "not there")
  }
}

/// Why there are no credentials: where, and what is wrong there. Never shows a value that was read.
package struct CredentialsError: Error, Hashable, CustomStringConvertible {
  package var place: String
  package var problem: String

  package var description: String { "\(place): \(problem)" }
}
