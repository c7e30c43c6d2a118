import Foundation
import NudgeDomain

/// Tells the service manager how nudged is doing: one datagram to `$NOTIFY_SOCKET`. Without one, nothing happens.
package struct ServiceNotifier: Sendable {
  package enum State: Hashable, Sendable {
    case ready(status: String)
    case reloading(monotonicMicroseconds: Int64)
    case stopping(status: String)
    case status(String)
    case watchdog
    /// How long after the last beat the manager is to wait from now on.
    case watchdogLimit(Duration)

    var text: String {
      switch self {
      case .ready(let status): "READY=1\nSTATUS=\(status)"
      case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(time)"
      case .stopping(let status): "STOPPING=1\nSTATUS=\(status)"
      case .status(let status): "STATUS=\(status)"
      case .watchdog: "WATCHDOG=1"
      case .watchdogLimit(let limit): "WATCHDOG_USEC=\(limit.milliseconds * 1_000)"
      }
    }
  }

  package static let variable = "NOTIFY_SOCKET"

  private let address: String?

  /// False if there is nobody to tell.
  var isHeard: Bool { address != nil }

  /// - Parameter address: a path, or a name in the abstract namespace that begins with `@`.
  package init(address: String?) {
    self.address = address
  }

  /// A manager that does not listen is its own business: nudged goes on.
  package func notify(_ state: State) {
    guard let address, let (name, length) = Self.name(of: address) else { return }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let bytes = Array(state.text.utf8)
    _ = withUnsafePointer(to: name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
  }

  /// An abstract name begins with a zero byte and has no end but its length.
  private static func name(of address: String) -> (sockaddr_un, socklen_t)? {
    var name = sockaddr_un()
    var bytes = Array(address.utf8)
    guard bytes.count > 1, bytes.count < MemoryLayout.size(ofValue: name.sun_path) else { return nil }
    let isAbstract = bytes[0] == UInt8(ascii: "@")
    guard isAbstract || bytes[0] == UInt8(ascii: "/") else { return nil }
    if isAbstract { bytes[0] = 0 }
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let path = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
    return (name, socklen_t(path + bytes.count + (isAbstract ? 0 : 1)))
  }
}
