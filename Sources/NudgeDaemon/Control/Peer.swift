import Glibc
import NIOCore

/// The process at the other end of a Unix socket when it connected, as the kernel knows it. Laid out as `struct ucred`.
struct Peer: Hashable, Sendable {
  var pid: Int32
  var uid: UInt32
  var gid: UInt32
}

extension Channel {
  /// Nil if the kernel does not say.
  var peer: Peer? {
    get async {
      guard let socket = self as? any SocketOptionProvider else { return nil }
      let option = NIOBSDSocket.Option(rawValue: SO_PEERCRED)
      let answer: EventLoopFuture<Peer> = socket.unsafeGetSocketOption(level: .socket, name: option)
      return try? await answer.get()  // without credentials the log says less
    }
  }
}
