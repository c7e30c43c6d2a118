import Foundation

/// The wall clock of one process, which a test sets.
struct FakeClock {
  private let file: URL

  init(in folder: URL) throws {
    file = folder.appending(path: "clock")
    try set("+0")
  }

  /// By how much it is ahead of the machine's: `+6m`, `-3h`, in seconds without a unit.
  func set(_ offset: String) throws { try "\(offset)\n".write(to: file, atomically: true, encoding: .utf8) }

  /// Time that passes stays what it is: it is the wall clock alone that is set. Times of files are those of the machine.
  var environment: [String: String] {
    [
      "LD_PRELOAD": Means.fakeTime, "FAKETIME_TIMESTAMP_FILE": file.path, "FAKETIME_NO_CACHE": "1",
      "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
    ]
  }

  /// The library changes the environment of the first program that it is in, and Swift finds its arguments beside the
  /// environment: so nudged is the second.
  static let words = ["sh", "-c", #"exec "$@""#, "sh"]
}

/// A machine that was just switched on, for one process: it has a boot of its own, and its kernel says nothing of time
/// servers, so that it is up to systemd-timesyncd's mark whether one vouches for the clock.
struct FakeMachine {
  private let boot: URL
  let clock: FakeClock

  /// - Parameter boot: the kernel's name for it.
  init(in folder: URL, boot name: String) throws {
    clock = try FakeClock(in: folder)
    boot = folder.appending(path: "boot-\(name)")
    try "\(name)\n".write(to: boot, atomically: true, encoding: .utf8)
  }

  /// What makes a program one of that machine.
  var words: [String] {
    let mounts = """
      mount --bind "$0" /proc/sys/kernel/random/boot_id && mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/timesync &&
      exec "$@"
      """
    let faked = clock.environment.sorted { $0.key < $1.key }.flatMap { ["-E", "\($0)=\($1)"] }
    let silence = [
      "strace", "-D", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=adjtimex,clock_adjtime",
    ]
    return ["unshare", "-m", "--propagation", "private", "sh", "-c", mounts, boot.path] + silence
      + ["-e", "inject=adjtimex,clock_adjtime:error=EPERM"] + faked + FakeClock.words
  }

  /// The words that make a time server vouch for that moment, on the machine of that process.
  static func vouch(for moment: Date, on process: Int32) -> [String] {
    let mark = "/run/systemd/timesync/synchronized"
    return ["nsenter", "-t", "\(process)", "-m", "touch", "-d", "@\(Int(moment.timeIntervalSince1970))", mark]
  }
}
