import CClock
import Glibc
package import NudgeDomain

/// The clock of the machine.
package struct SystemClock: WallClock {
  package init() {}

  /// The whole milliseconds that have passed: rounded down, so that nothing is ever early.
  package func now() -> Moment {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Moment(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  package func uptime() -> Uptime {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Uptime(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// Swift's continuous clock is CLOCK_BOOTTIME here, reading and waiting alike.
  package func pass(_ duration: Duration) async throws {
    try await Task.sleep(for: duration - Self.sinceMillisecond, tolerance: .zero, clock: .continuous)
  }

  /// How much of the millisecond has passed that `now` answers: who waits from there on waits for that much less.
  private static var sinceMillisecond: Duration {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return .nanoseconds(Int64(time.tv_nsec) % 1_000_000)
  }

  package let boot = Self.readBoot()

  /// The kernel's word; in confinement, where the kernel may not be asked about the clock, that of systemd-timesyncd.
  package var isSynchronised: Bool {
    let answer = cclock_is_synchronised()
    return answer >= 0 ? answer == 1 : Self.isVouchedFor(by: Self.syncMark, at: now())
  }

  /// What systemd-timesyncd touches whenever it has compared the clock with a server.
  private static let syncMark = "/run/systemd/timesync/synchronized"
  /// It does so at least this often, by its standard settings.
  static let longestPoll = Duration.seconds(2_100)

  /// True if the file was touched lately, by the clock that it is to vouch for.
  static func isVouchedFor(by path: String, at now: Moment) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    let age = now.since(Moment(milliseconds: Int64(status.st_mtim.tv_sec) * 1_000))
    return age > .seconds(-1) && age <= longestPoll
  }

  /// The kernel's name for this boot.
  private static func readBoot() -> String? {
    let descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(descriptor, &bytes, bytes.count)
    guard count > 0 else { return nil }
    let name = String(decoding: bytes[..<count], as: UTF8.self).filter { $0.isHexDigit || $0 == "-" }
    return name.isEmpty ? nil : name
  }

  /// Microseconds of the monotonic clock, as the service manager wants to be told them.
  package static func monotonicMicroseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }
}
