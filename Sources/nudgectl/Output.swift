import Foundation
import Glibc

/// The two ways out: data to standard output, everything else to standard error.
enum Output {
  static let isTerminal = isatty(STDOUT_FILENO) == 1
  static let isErrorTerminal = isatty(STDERR_FILENO) == 1

  /// A line of data.
  static func line(_ text: Styled) {
    write(text.rendered(inColor: isTerminal && wantsColor) + "\n", to: STDOUT_FILENO)
  }

  /// A line about what happens.
  static func note(_ text: Styled) {
    write(text.rendered(inColor: isErrorTerminal && wantsColor) + "\n", to: STDERR_FILENO)
  }

  /// A line of data that is visible already.
  static func text(_ line: String) {
    write(line + "\n", to: STDOUT_FILENO)
  }

  /// Data byte for byte.
  static func data(_ bytes: [UInt8], endingLine: Bool) {
    let needsEnd = endingLine && bytes.last != UInt8(ascii: "\n")
    write(bytes + (needsEnd ? [UInt8(ascii: "\n")] : []), to: STDOUT_FILENO)
  }

  /// To standard error as it is.
  static func raw(_ text: String) {
    write(text, to: STDERR_FILENO)
  }

  /// https://no-color.org: if set and not empty.
  private static let wantsColor: Bool = {
    let environment = ProcessInfo.processInfo.environment
    return (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }()

  private static func write(_ text: String, to descriptor: Int32) {
    write(Array(text.utf8), to: descriptor)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        return failWriting(to: descriptor)
      }
    }
  }

  private static func failWriting(to descriptor: Int32) {
    if errno == EPIPE {
      // `nudgectl list | head`: end as every other program of the pipeline does, whatever a library made of the signal.
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    guard descriptor == STDOUT_FILENO else { return }  // there is nowhere left to say it
    note("\("nudgectl:", .red) cannot write the answer: \(String(cString: strerror(errno)))")
    exit(1)
  }
}
