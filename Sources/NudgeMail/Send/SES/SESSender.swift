package import NudgeDomain

/// Hands letters to Amazon SES, version 2 of its API, as raw mails.
package struct SESSender: Sender {
  package struct Configuration: Hashable, Sendable {
    package var region: String
    package var endpoint: String
    package var configurationSet: String?
    package var timeout: Duration

    package init(
      region: String, endpoint: String, configurationSet: String? = nil, timeout: Duration = .seconds(30)
    ) throws(SESConfigurationError) {
      self.region = region
      self.endpoint = endpoint
      self.configurationSet = configurationSet
      self.timeout = timeout
    }
  }

  package init(
    configuration: Configuration, credentials: AWSCredentials, now: @escaping @Sendable () -> Moment
  ) {}

  package func deliver(_ letter: Letter) async -> Delivery { .deferred(.sender, error: "not there yet") }

  package func shutdown() async {}
}

/// What is wrong with a configured value, and which one.
package struct SESConfigurationError: Error, Hashable, CustomStringConvertible {
  /// `region`, `endpoint` or `configuration_set`.
  package var key: String
  package var problem: String

  package var description: String { "\(key): \(problem)" }
}
