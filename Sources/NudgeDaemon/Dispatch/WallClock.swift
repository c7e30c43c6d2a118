import Glibc
package import NudgeDomain

/// The clocks of a machine, and waiting. Nothing else in the daemon reads one.
package protocol WallClock: Sendable {
  /// The time as the wall clock shows it. People and time servers set it: it may step either way.
  func now() -> Moment
  /// How long the machine has run, suspend included. Never steps, never goes back.
  func uptime() -> Uptime
  /// Returns when `duration` has really passed since the millisecond that `now` answers began, suspend included, whoever
  /// sets the wall clock meanwhile; throws if the task is cancelled first.
  func pass(_ duration: Duration) async throws
  /// Which boot of the machine `uptime` counts from; nil if nobody can say.
  var boot: String? { get }
  /// True if the kernel says that a time server keeps the wall clock right. Setting the clock makes it false, until a
  /// time server has looked at it again.
  var isSynchronised: Bool { get }
}

extension WallClock {
  package var boot: String? { nil }
  package var isSynchronised: Bool { false }

  /// Both clocks at one instant: what was read on either side of a pause is read again.
  package var reading: Reading {
    while true {
      let before = uptime()
      let wall = now()
      let after = uptime()
      if after.since(before) <= readingSpan { return Reading(wall: wall, uptime: after) }
    }
  }
}

/// How long reading the clocks may take: a process that stands still meanwhile would take that for a step of the clock.
private let readingSpan = Duration.milliseconds(50)
