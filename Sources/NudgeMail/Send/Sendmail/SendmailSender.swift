package import NudgeDomain

/// Hands letters to the machine's own mail server by running its `sendmail`.
package struct SendmailSender: Sender {
  package struct Configuration: Hashable, Sendable {
    package var path: String
    package var timeout: Duration

    package init(path: String = "/usr/sbin/sendmail", timeout: Duration = .seconds(30)) {
      self.path = path
      self.timeout = timeout
    }
  }

  package init(configuration: Configuration) {}

  package func deliver(_ letter: Letter) async -> Delivery { .deferred(.sender, error: "not there yet") }
}
