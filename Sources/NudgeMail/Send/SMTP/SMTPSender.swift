package import NudgeDomain

/// Hands letters to a mail server nearby, over SMTP without encryption or login.
package struct SMTPSender: Sender {
  package struct Configuration: Hashable, Sendable {
    package var host: String
    package var port: Int

    package init(host: String = "127.0.0.1", port: Int = 25) {
      self.host = host
      self.port = port
    }
  }

  package init(configuration: Configuration) {}

  package func deliver(_ letter: Letter) async -> Delivery { .deferred(.sender, error: "not there yet") }

  package func shutdown() async {}
}
