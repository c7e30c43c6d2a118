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
    try await Task.sleep(for: duration, tolerance: .zero, clock: .continuous)
  }

  package let boot = Self.readBoot()

  package var isSynchronised: Bool { cclock_is_synchronised() == 1 }

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
