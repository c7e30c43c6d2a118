import Foundation

extension ControlSocket {
  /// The socket that systemd handed over, if it did.
  ///
  /// - Parameters:
  ///   - environment: of this process. The caller unsets `activationVariables` once this has returned, so that no program
  ///     which nudged starts takes the socket for its own.
  ///   - first: the descriptor where systemd's sockets begin.
  package static func activated(
    environment: [String: String], process: Int32 = getpid(), first: Int32 = firstActivated
  ) throws(ControlSocketError) -> ControlSocket? {
    guard let count = environment["LISTEN_FDS"], let owner = environment["LISTEN_PID"] else { return nil }
    guard owner == String(process) else { return nil }
    guard count == "1" else { throw .badActivation("LISTEN_FDS is \(count), not 1.") }
    try check(first, SO_DOMAIN, is: AF_UNIX, else: "it is not a Unix socket.")
    try check(first, SO_TYPE, is: Int32(SOCK_STREAM.rawValue), else: "it is not a stream socket.")
    try check(first, SO_ACCEPTCONN, is: 1, else: "it does not listen.")
    let path = path(of: first)
    guard fcntl(first, F_SETFD, FD_CLOEXEC) == 0 else { throw .failed(path, "keep to itself", errno) }
    return ControlSocket(descriptor: first, path: path, origin: .activated)
  }

  package static let activationVariables = ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"]

  private static func check(
    _ descriptor: Int32, _ option: Int32, is expected: Int32, else detail: String
  ) throws(ControlSocketError) {
    var value: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 else {
      throw .badActivation("descriptor \(descriptor) is no socket: \(String(cString: strerror(errno))).")
    }
    guard value == expected else { throw .badActivation(detail) }
  }

  /// Where it was bound, for the log; empty if it has no name.
  private static func path(of descriptor: Int32) -> String {
    var address = sockaddr_un()
    var size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let named = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
    }
    guard named == 0 else { return "" }
    return withUnsafeBytes(of: address.sun_path) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
