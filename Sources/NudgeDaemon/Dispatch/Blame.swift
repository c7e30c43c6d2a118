import NudgeDomain

/// Finds out which messages blame the server for what they alone meet: one shop's sender address that the server refuses,
/// say. A server that has taken another mail since a message blamed it is not the problem. A value.
struct Blame: Sendable {
  /// At most so many messages are remembered.
  static let longestMemory = 1_024

  /// How many mails the server has taken.
  private var accepted = 0
  /// The messages that blamed the server when they were last heard of, and how many it had taken by then.
  private var blamers: [Int64: Int] = [:]
  /// How many the server had taken when the last hold began.
  private var acceptedBeforeHold = 0

  var count: Int { blamers.count }

  /// What the outcome of `message` means in the light of the others: as it is, or deferred for the message's own sake.
  ///
  /// - Parameter isHeld: true if mail is held. What the server took before that excuses no one.
  mutating func judge(_ outcome: Outcome, of message: Int64, isHeld: Bool) -> Outcome {
    guard case .delivered(.deferred(.sender, let error)) = outcome else {
      if case .delivered(.accepted) = outcome { accepted += 1 }
      blamers[message] = nil
      return outcome
    }
    if let before = blamers[message], accepted > (isHeld ? max(before, acceptedBeforeHold) : before) {
      return .delivered(.deferred(.message, error: error))
    }
    remember(message)
    return outcome
  }

  mutating func holdBegins() { acceptedBeforeHold = accepted }

  /// Makes room by forgetting who blamed the server first: a forgotten message gets to blame it once more.
  private mutating func remember(_ message: Int64) {
    blamers[message] = accepted
    guard blamers.count > Self.longestMemory else { return }
    let others = blamers.filter { $0.key != message }
    if let oldest = others.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) { blamers[oldest.key] = nil }
  }
}
