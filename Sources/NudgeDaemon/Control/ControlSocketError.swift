import Foundation

/// Why there is no socket to listen on. Each says what to do about it.
package enum ControlSocketError: Error, Hashable, CustomStringConvertible {
  /// A server answers there.
  case alreadyServed(path: String)
  case notASocket(path: String)
  case pathTooLong(path: String, bytes: Int, limit: Int)
  case unknownGroup(String)
  /// What systemd handed over is not one listening Unix stream socket.
  case badActivation(String)
  /// A system call failed: what nudged tried to do with the socket, and errno.
  case failed(String, String, Int32)

  package var description: String {
    switch self {
    case .alreadyServed(let path):
      "Another server answers on \(path); stop it first, or give this one another socket."
    case .notASocket(let path):
      "\(path) exists and is not a socket; nudged does not remove it."
    case .pathTooLong(let path, let bytes, let limit):
      "The path of a socket has at most \(limit) bytes, this one has \(bytes): \(path)"
    case .unknownGroup(let name):
      "There is no group \(name) to give the socket to."
    case .badActivation(let detail):
      "systemd should hand over one listening Unix stream socket: \(detail)"
    case .failed(let path, let action, let code):
      "Cannot \(action) the socket \(path): \(String(cString: strerror(code)))"
    }
  }
}
