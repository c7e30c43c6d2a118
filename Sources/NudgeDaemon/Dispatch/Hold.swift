package import NudgeDomain

/// The account or the server has a problem that every message would meet: one message at a time tries whether it is
/// over. A value; it is told the time.
struct Hold: Hashable, Sendable {
  static let firstWait = Duration.seconds(30)
  static let longestWait = Duration.seconds(900)

  /// What the server said.
  private(set) var reason: String
  let since: Uptime
  private(set) var probeAt: Uptime
  private var wait = Self.firstWait
  /// The message that tries it now.
  private(set) var probe: Int64?

  init(reason: String, now: Uptime) {
    self.reason = reason
    since = now
    probeAt = now.advanced(by: Self.firstWait)
  }

  /// True if one message may try it.
  func mayProbe(now: Uptime) -> Bool { probe == nil && now >= probeAt }

  mutating func begin(_ message: Int64) {
    probe = message
  }

  /// The outcome of `message` says nothing of the hold: if it was the one that tried, another one may at once.
  mutating func release(_ message: Int64) {
    if probe == message { probe = nil }
  }

  /// What the outcome of `message` says of the hold.
  ///
  /// - Returns: false if the hold is over: the server looks at messages again.
  mutating func continues(after outcome: Outcome, of message: Int64, now: Uptime) -> Bool {
    guard message == probe else { return true }
    probe = nil
    switch outcome {
    case .delivered(.accepted), .delivered(.refused):
      return false
    case .delivered(.deferred(_, let error)), .delivered(.unknown(let error)):
      reason = error
      wait = min(wait * 2, Self.longestWait)
      probeAt = now.advanced(by: wait)
      return true
    case .renderFailed, .withdrawn, .outpaced:
      return true
    }
  }
}

/// What mail goes through at the moment.
package enum SenderStatus: Hashable, Sendable {
  case ok
  /// The server takes nothing from us, for that reason; the next try is at `probeAt`.
  case held(reason: String, since: Moment, probeAt: Moment)
  /// The wall clock jumped ahead, and nobody has said yet that it is right.
  case doubted(ClockWatch.Doubt)
}
