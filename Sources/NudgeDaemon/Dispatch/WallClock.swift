package import NudgeDomain

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The time as the wall clock shows it, and waiting for it. The only clock of the daemon.
package protocol WallClock: Sendable {
  func now() -> Moment
  /// Returns after `duration`; throws if the task is cancelled first.
  func sleep(for duration: Duration) async throws
}

extension WallClock {
  package func sleep(for duration: Duration) async throws {
    try await Task.sleep(for: duration, tolerance: .zero)
  }
}

/// The clock of the machine.
package struct SystemClock: WallClock {
  package init() {}

  /// The whole milliseconds that have passed: rounded down, so that nothing is ever early.
  package func now() -> Moment {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Moment(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
