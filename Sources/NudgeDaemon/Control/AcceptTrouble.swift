import Glibc
import Logging
import NIOCore

/// Makes room when no descriptor is left for the next client, and says so.
///
/// NIO then lets the clients wait where they are, and tries again after a second. Those who are connected and idle would
/// keep them waiting for longer than that: they are sent away, as if there were too many.
final class AcceptTroubleHandler: ChannelInboundHandler {
  typealias InboundIn = any Channel

  /// Between two lines in the log.
  private static let silence = TimeAmount.minutes(1)

  private let connections: Connections
  private let logger: Logger
  private var toldAt: NIODeadline?

  init(_ connections: Connections, _ logger: Logger) {
    self.connections = connections
    self.logger = logger
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let error = error as? IOError, Self.isShortage(error.errnoCode) {
      connections.sendSomeAway(now: context.eventLoop.now)
      tell(error, now: context.eventLoop.now)
    }
    context.fireErrorCaught(error)
  }

  private func tell(_ error: IOError, now: NIODeadline) {
    if let toldAt, now < toldAt + Self.silence { return }
    toldAt = now
    logger.warning(
      "Clients have to wait: the system has no descriptor or no memory for them",
      metadata: ["error": "\(error)", "connections": "\(connections.count.open)"])
  }

  private static func isShortage(_ code: Int32) -> Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) }
}
