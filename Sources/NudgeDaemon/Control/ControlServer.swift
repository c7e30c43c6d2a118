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
  private typealias Listener = NIOAsyncChannel<Arrival<Child>, Never>

  private let socket: ControlSocket
  private let engine: Engine
  private let limits: ControlLimits
  private let logger: Logger
  private let loops: ClientLoops
  /// Once it listens.
  let listener = Mutex<(any Channel)?>(nil)

  package convenience init(
    socket: ControlSocket, engine: Engine, limits: ControlLimits = .standard, logger: Logger
  ) {
    self.init(socket: socket, engine: engine, limits: limits, logger: logger, loops: .shared)
  }

  init(socket: ControlSocket, engine: Engine, limits: ControlLimits, logger: Logger, loops: ClientLoops) {
    self.loops = loops
    self.socket = socket
    self.engine = engine
    self.limits = limits
    self.logger = logger
    engine.connections.limit(to: limits.connections)
  }

  private var connections: Connections { engine.connections }

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
        try await serve(listener)
        await connections.allClosed()
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
  /// time for their first request. Who comes later waits for the next nudged.
  package func drain() {
    socket.unlink()
    let channel = listener.withLock { $0 }
    channel?.close(promise: nil)
    guard let channel, socket.origin == .activated else { return quiesce(channel) }
    connections.dismissKnown()
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
    let (connections, looks) = (connections, loops.looks)
    return HTTP1Channel(
      responder: { request, writer, channel in
        if connections.isAhead(channel) { await looks.turn(on: channel.eventLoop) }
        if responder.wantsToBeAsked(request) { try await writer.writeInformationalHead(.init(status: .continue)) }
        let reply = await responder.reply(to: request, from: channel)
        try await writer.write(response: reply.head, body: reply.omitsBody ? .init() : .init(byteBuffer: reply.body))
        guard let share = reply.share else { return }
        try await channel.triggerUserOutboundEvent(RequestProgress.taken).get()
        withExtendedLifetime(share) {}
      },
      configuration: .init(
        additionalChannelHandlers: [RequestProgressHandler()],
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: limits.headerField, maxHeaderListSize: limits.headers,
          maxHeaderFieldCount: limits.headerCount)))
  }

  private func bind(_ http: HTTP1Channel) async throws -> Listener {
    let (limits, logger, connections, looks, engine) = (limits, logger, connections, loops.looks, engine)
    return try await ServerBootstrap(group: loops.group)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            ArrivalsHandler(), AcceptTroubleHandler(connections, logger))
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(.recvAllocator, value: InboundGate.allocator)
      .bind(socket.descriptor, serverBackPressureStrategy: .init(lowWatermark: 2, highWatermark: 8)) { channel in
        let connection = Connection(channel)
        connections.opened(connection)
        channel.closeFuture.whenComplete { _ in connections.closed(connection) }
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            InboundGate(looks, connection), RequestDeadlineHandler(limits, connection))
        }.flatMap {
          http.setup(channel: channel, logger: logger)
        }.flatMapThrowing { child in
          try ShortWay.lay(in: channel.pipeline.syncOperations, engine)
          return Arrival(child, on: channel) { await http.handle(value: $0, logger: logger) }
        }
      }
  }

  private func serve(_ listener: Listener) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      try await listener.executeThenClose { accepted in
        for try await arrival in accepted {
          await connections.makeRoom(for: arrival.channel)
          group.addTask { await arrival.serve() }
        }
      }
    }
  }
}
