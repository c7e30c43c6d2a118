import Glibc

/// Called as `sendmail -i -f SENDER -- RECIPIENT`: hands the mail on standard input to nudged-sendmail.socket, where a
/// unit without confinement runs the real sendmail, and ends as that did.
///
/// A mail that surely went nowhere ends with 75. When nobody can know, it ends by a signal, as if it had been killed.
enum SendmailClient {
  static let name = "sendmail"
  static let standardSocket = "/run/nudged/sendmail.sock"

  private static let usage: Int32 = 64
  private static let tryAgain: Int32 = 75
  private static let chunk = 65_536  // bytes

  static func main() -> Never {
    let arguments = CommandLine.arguments.dropFirst()
    guard arguments.count == 5, arguments.starts(with: ["-i", "-f"]), arguments[4] == "--" else {
      end(usage, "usage: sendmail -i -f SENDER -- RECIPIENT")
    }
    guard !(arguments[3] + arguments[5]).utf8.contains(UInt8(ascii: "\n")) else {
      end(usage, "a line end in an address")
    }
    signal(SIGPIPE, SIG_IGN)
    let mail = readAll(STDIN_FILENO)
    let path = getenv("NUDGED_SENDMAIL_SOCKET").map { String(cString: $0) } ?? standardSocket
    guard let socket = connected(to: path) else {
      end(tryAgain, "nobody listens at \(path): systemctl enable --now nudged-sendmail.socket")
    }
    let head = "\(arguments[3])\n\(arguments[5])\n\(mail.count)\n"
    // The other side does nothing before it has all of it.
    guard writeAll(Array(head.utf8) + mail, to: socket) else { end(tryAgain, "\(path) did not take the mail") }
    let answer = String(decoding: readAll(socket), as: UTF8.self)
    let parts = answer.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let code = Int32(parts[0]) else {
      kill(getpid(), SIGKILL)
      abort()
    }
    end(code, String(parts[1]))
  }

  private static func connected(to path: String) -> Int32? {
    var address = sockaddr_un()
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
    }
    return result == 0 ? descriptor : nil
  }

  private static func readAll(_ descriptor: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: chunk)
    while true {
      let count = read(descriptor, &buffer, chunk)
      if count > 0 { all += buffer[..<count] } else if count == 0 || errno != EINTR { return all }
    }
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return false }
    }
    return true
  }

  private static func end(_ code: Int32, _ words: String) -> Never {
    if !words.isEmpty { _ = writeAll(Array((words + "\n").utf8), to: STDERR_FILENO) }
    exit(code)
  }
}
