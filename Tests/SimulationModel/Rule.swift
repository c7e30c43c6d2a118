/// The promises by name. Each case cites the sentence that it comes from.
package enum Rule: String, CaseIterable, Sendable {
  // MARK: Events

  /// contract: "at the answer every accepted one is on disk"; design P2: "Nothing acknowledged is lost."
  case acknowledgedIsKept = "acknowledged-is-kept"
}
