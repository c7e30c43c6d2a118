package import NudgeDomain

/// Puts letters into a Maildir.
package struct MaildirSender: Sender {
  package struct Configuration: Hashable, Sendable {
    /// The Maildir's folder. It is made by the first letter if it is missing.
    package var path: String

    package init(path: String) {
      self.path = path
    }
  }

  package init(configuration: Configuration) {}

  package func deliver(_ letter: Letter) async -> Delivery { .deferred(.sender, error: "not there yet") }
}
