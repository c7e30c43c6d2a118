package import NudgeDomain

/// Hands letters to a mail server.
///
/// Whatever happens to a hand-over is a `Delivery`; nothing is thrown. `deferred` is only ever said when the server
/// surely did not take the mail; when in doubt, it is `unknown`. No sender tries a letter a second time by itself.
package protocol Sender: Sendable {
  /// Hands over one letter. Safe to call many at a time.
  ///
  /// - Parameter mayLeave: is asked once, at the last point at which nothing can have been sent, if the hand-over gets
  ///   that far. If it says no, nothing leaves.
  /// - Returns: nil if `mayLeave` said no.
  func deliver(_ letter: Letter, mayLeave: @escaping @Sendable () -> Bool) async -> Delivery?

  /// What the provider allows, asked at this moment. Nil if this transport has nobody to ask.
  func quota() async -> QuotaAnswer?

  /// Closes what is kept open between letters. No `deliver` may be running, none may follow.
  func shutdown() async
}

extension Sender {
  /// Hands over a letter that nobody takes back.
  package func deliver(_ letter: Letter) async -> Delivery {
    await deliver(letter) { true } ?? .deferred(.message, error: "the sender took the letter back by itself")
  }

  package func quota() async -> QuotaAnswer? { nil }

  package func shutdown() async {}
}
