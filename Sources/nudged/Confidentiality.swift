import Foundation
import Glibc
import NudgeDaemon

/// What keeps the process's secrets in the process. Keys are in its memory as long as it runs: so nobody gets to see that.
enum Confidentiality {
  /// The first letters of the variables that AWS's keys, and whatever leads to them, come in.
  private static let secretPrefix = "AWS_"
  /// Where systemd puts the files with secrets.
  private static let secretFolder = "CREDENTIALS_DIRECTORY"

  /// No core dump, neither to a file nor to a program; and no other process of the same user looks into the memory. Nor
  /// does the program that Swift has print a crash: it would print pieces of the memory into the log, and without a way
  /// into it, it hangs, and the crashed process with it.
  static func closeMemory() {
    for crash in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] { signal(crash, SIG_DFL) }
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    setDumpable(false)
  }

  /// The environment as it was. What is secret, or meant for nudged alone, is gone from the process's own afterwards: the
  /// programs that it runs do not inherit it, and /proc does not show it.
  static func takeEnvironment() -> [String: String] {
    let environment = ProcessInfo.processInfo.environment
    for name in environment.keys where name.hasPrefix(secretPrefix) || name == secretFolder {
      if let value = getenv(name) { memset(value, 0, strlen(value)) }
      unsetenv(name)
    }
    for name in Daemon.privateVariables { unsetenv(name) }
    return environment
  }

  /// prctl(2) takes a varying number of arguments, so Swift does not import it; it reads no more than it is given here.
  private static func setDumpable(_ isDumpable: Bool) {
    typealias Control = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
    let setting: Int32 = 4  // PR_SET_DUMPABLE
    guard let address = dlsym(nil, "prctl") else { return }
    _ = unsafeBitCast(address, to: Control.self)(setting, isDumpable ? 1 : 0, 0, 0, 0)
  }
}
