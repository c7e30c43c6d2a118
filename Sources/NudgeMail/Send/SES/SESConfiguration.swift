/// Where and how an account of SES is used.
package struct SESConfiguration: Hashable, Sendable {
  package let region: String
  package let configurationSet: String?
  let endpoint: SESEndpoint
  let timeouts: SESTimeouts

  package init(
    region: String, endpoint: String, configurationSet: String? = nil, timeouts: SESTimeouts = .init()
  ) throws(SESConfigurationError) {
    guard region.wholeMatch(of: /[a-z0-9-]{1,64}/) != nil else {
      throw SESConfigurationError(key: "region", problem: "is no region: eu-west-1, say")
    }
    guard let parsed = SESEndpoint(endpoint) else {
      throw SESConfigurationError(
        key: "endpoint",
        problem: "is not http or https with a host and no path: https://email.eu-west-1.amazonaws.com")
    }
    if let configurationSet, configurationSet.wholeMatch(of: /[A-Za-z0-9_-]{1,64}/) == nil {
      throw SESConfigurationError(key: "configuration_set", problem: "is not 1 to 64 of A-Z a-z 0-9 _ -")
    }
    self.region = region
    self.endpoint = parsed
    self.configurationSet = configurationSet
    self.timeouts = timeouts
  }
}

package struct SESTimeouts: Hashable, Sendable {
  /// Until the connection stands, TLS included.
  package var connect: Duration
  /// The whole hand-over, the answer included. What takes longer is unknown, so this is generous.
  package var answer: Duration

  package init(connect: Duration = .seconds(10), answer: Duration = .seconds(60)) {
    self.connect = connect
    self.answer = answer
  }
}

/// What is wrong with a configured value, and which one.
package struct SESConfigurationError: Error, Hashable, CustomStringConvertible {
  /// `region`, `endpoint` or `configuration_set`.
  package var key: String
  package var problem: String

  package var description: String { "\(key): \(problem)" }
}
