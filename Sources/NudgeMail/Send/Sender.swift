package import NudgeDomain

/// Hands letters to a mail server.
///
/// Whatever happens to a hand-over is a `Delivery`; nothing is thrown. `deferred` is only ever said when the server
/// surely did not take the mail; when in doubt, it is `unknown`. No sender tries a letter a second time by itself.
package protocol Sender: Sendable {
  /// Hands over one letter. Safe to call many at a time.
  func deliver(_ letter: Letter) async -> Delivery

  /// Closes what is kept open between letters. No `deliver` may be running, none may follow.
  func shutdown() async
}

extension Sender {
  package func shutdown() async {}
}
