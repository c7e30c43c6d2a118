import HTTPTypes
import HummingbirdCore
package import Logging
import NIOCore
import NIOHTTPTypes
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The HTTP server on the Unix socket.
package final class ControlServer: Sendable {
  private typealias Child = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
  private typealias Listener = NIOAsyncChannel<Child, Never>

  private let socket: ControlSocket
  private let engine: Engine
  private let limits: ControlLimits
  private let logger: Logger
  private let connections = Connections()
  private let listener = Mutex<(any Channel)?>(nil)

  package init(socket: ControlSocket, engine: Engine, limits: ControlLimits = .standard, logger: Logger) {
    self.socket = socket
    self.engine = engine
    self.limits = limits
    self.logger = logger
  }

  /// Serves until it is drained, by `drain` or by a graceful shutdown; returns when the last connection is closed.
  /// Cancelled, it closes all at once. In each case the socket is closed, and removed if nudged made it.
  package func run() async throws {
    defer { socket.unlink() }
    let http = makeHTTP()
    let listener = try await bind(http)
    self.listener.withLock { $0 = listener.channel }
    if engine.isDraining { listener.channel.close(promise: nil) }
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await serve(listener, http)
      } onGracefulShutdown: {
        self.drain()
      }
    } onCancel: {
      self.close()
    }
  }

  /// Takes no more connections, closes the idle ones, lets the others finish the request that they run. What still runs
  /// when the limit is reached is closed.
  ///
  /// Who connected to a socket that outlives nudged meant no particular nudged, and must not be turned away: those get
  /// the time that their first request is on its way. Who comes later waits for the next nudged.
  package func drain() {
    socket.unlink()
    let channel = listener.withLock { $0 }
    channel?.close(promise: nil)
    guard let channel, socket.origin == .activated else { return quiesce(channel) }
    channel.eventLoop.scheduleTask(in: limits.arrival) { self.quiesce(channel) }
  }

  private func quiesce(_ listener: (any Channel)?) {
    engine.beginDraining()
    connections.drain()
    let connections = connections
    listener?.eventLoop.scheduleTask(in: limits.drain) { connections.closeAll() }
  }

  private func close() {
    engine.beginDraining()
    listener.withLock { $0 }?.close(promise: nil)
    connections.closeAll()
  }

  // MARK: Connections

  private func makeHTTP() -> HTTP1Channel {
    let responder = Responder(engine: engine, logger: logger)
    return HTTP1Channel(
      responder: { request, writer, channel in
        if responder.wantsToBeAsked(request) { try await writer.writeInformationalHead(.init(status: .continue)) }
        let reply = await responder.reply(to: request, from: channel)
        try await writer.write(response: reply.head, body: reply.omitsBody ? .init() : .init(byteBuffer: reply.body))
      },
      configuration: .init(
        additionalChannelHandlers: [RequestProgressHandler()], idleTimeout: limits.idle,
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: limits.headerField, maxHeaderListSize: limits.headers,
          maxHeaderFieldCount: limits.headerCount)))
  }

  private func bind(_ http: HTTP1Channel) async throws -> Listener {
    let limits = limits
    let logger = logger
    return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .bind(socket.descriptor) { channel in
        channel.eventLoop.makeCompletedFuture {
          let deadline = RequestDeadlineHandler(limit: limits.request, answerLimit: limits.answer)
          try channel.pipeline.syncOperations.addHandler(deadline)
        }.flatMap {
          http.setup(channel: channel, logger: logger)
        }
      }
  }

  private func serve(_ listener: Listener, _ http: HTTP1Channel) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      try await listener.executeThenClose { accepted in
        var open = 0
        for try await child in accepted {
          if open == limits.connections { try await group.next() } else { open += 1 }
          connections.opened(child.channel)
          group.addTask { [connections, logger] in
            await http.handle(value: child, logger: logger)
            connections.closed(child.channel)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
