/// Has the keys of an account, and gets new ones when they end.
package protocol AWSCredentialsSource: Sendable {
  /// Where they come from, in a few words.
  var place: String { get }

  /// The keys to sign with now. Safe to call many at a time.
  func current() async throws(CredentialsError) -> AWSCredentials

  /// AWS no longer takes `used`: looks for others at once, if these are still the newest.
  ///
  /// - Returns: why there are no others; nil if there are.
  func renew(_ used: AWSCredentials) async -> CredentialsError?

  /// Closes what is kept open. Nothing may be asked after that.
  func shutdown() async
}

extension AWSCredentialsSource {
  package func shutdown() async {}
}

/// Keys that stay as they are while the process runs: those of the environment.
package struct FixedCredentials: AWSCredentialsSource {
  package let place: String
  private let credentials: AWSCredentials

  package init(_ credentials: AWSCredentials, from place: String) {
    self.place = place
    self.credentials = credentials
  }

  package func current() async throws(CredentialsError) -> AWSCredentials { credentials }

  package func renew(_ used: AWSCredentials) async -> CredentialsError? {
    CredentialsError(place: place, problem: "has no others; a restart takes new ones")
  }
}
