import Dispatch
import Glibc
import NIOCore
import NudgeDomain

/// The process at the other end of a Unix socket when it connected, as the kernel knows it. Laid out as `struct ucred`.
struct Peer: Hashable, Sendable {
  var pid: Int32
  var uid: UInt32
  var gid: UInt32

  /// Of its own, since that may take long: a serial queue gets a thread however busy those are that others share.
  private static let asking = DispatchQueue(label: "nudged.names", qos: .utility)

  /// The same with what the host calls the user. That may be asked of a server far away: for operators alone.
  var `operator`: Operator {
    get async {
      let name = await withCheckedContinuation { continuation in
        Self.asking.async { continuation.resume(returning: Self.userName(uid)) }
      }
      return Operator(uid: uid, gid: gid, pid: pid, name: name)
    }
  }

  private static let nameBytes = 16_384

  private static func userName(_ uid: UInt32) -> String? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var bytes = [CChar](repeating: 0, count: nameBytes)
    guard getpwuid_r(uid, &entry, &bytes, bytes.count, &found) == 0, let name = found?.pointee.pw_name else {
      return nil
    }
    return name.pointee == 0 ? nil : String(cString: name)
  }
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
