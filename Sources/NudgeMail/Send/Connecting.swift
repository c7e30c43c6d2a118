import NIOCore
import NIOPosix
import NIOSSL

extension ClientBootstrap {
  /// How a server is connected to, over TCP as over a Unix socket.
  static func toServer(timeout: Duration) -> ClientBootstrap {
    ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(TimeAmount(timeout))
  }

  /// The same, with small packets sent at once. A Unix socket has no such option.
  static func toTCPServer(timeout: Duration) -> ClientBootstrap {
    toServer(timeout: timeout).channelOption(.tcpOption(.tcp_nodelay), value: 1)
  }
}

extension Channel {
  /// Waits for `future`; whoever is cancelled meanwhile closes the connection, and so ends the wait.
  func closingOnCancellation<T: Sendable>(_ future: EventLoopFuture<T>) async throws -> T {
    try await withTaskCancellationHandler {
      try await future.get()
    } onCancel: {
      close(promise: nil)
    }
  }
}

/// What the failure of a connection says, that of its encryption first.
func connectionFailure(_ error: any Error) -> String {
  switch error {
  case NIOSSLError.uncleanShutdown: "the connection was closed"
  case NIOSSLError.handshakeFailed(let reason): "TLS: the handshake failed: \(reason)"
  case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: "TLS: \(error)"
  default: "\(error)"
  }
}
