import Glibc
package import NudgeDomain

/// The time as the wall clock shows it, and waiting for it. The only clock of the daemon.
package protocol WallClock: Sendable {
  func now() -> Moment
  /// Returns when `duration` has passed; throws if the task is cancelled first.
  func pass(_ duration: Duration) async throws
}
