import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Why a request has no answer.
enum SESFailure: Error, Hashable, CustomStringConvertible {
  case connecting(String)
  /// The connection was closed before anything was written on it.
  case stale
  case timedOut
  case closed
  case failed(String)

  var description: String {
    switch self {
    case .connecting(let why): "cannot connect: \(why)"
    case .stale: "the connection was closed while nobody used it"
    case .timedOut: "no answer in time"
    case .closed: "the connection was closed"
    case .failed(let why): "the connection failed: \(why)"
    }
  }
}

/// One connection to SES: requests out, answers in, one at a time.
struct SESConnection: Sendable {
  private let channel: any Channel
  private let exchange: NIOLoopBound<SESExchange>

  /// - Parameter encryption: nil for a server on this machine that speaks without.
  static func open(
    _ endpoint: SESEndpoint, encryption: NIOSSLContext?, timeout: Duration
  ) async throws(SESFailure) -> SESConnection {
    do {
      let bootstrap = ClientBootstrap.toTCPServer(timeout: timeout)
      let connection = try await bootstrap.connect(host: endpoint.name, port: endpoint.port) { channel in
        channel.eventLoop.makeCompletedFuture { try prepare(channel, endpoint.name, encryption, timeout) }
      }
      try await connection.exchangeIsReady()
      return connection
    } catch {
      throw .connecting(connectionFailure(error))
    }
  }

  /// The handlers are there from the beginning: a server may end the connection before anybody asks it for something.
  private static func prepare(
    _ channel: any Channel, _ host: String, _ encryption: NIOSSLContext?, _ timeout: Duration
  ) throws -> SESConnection {
    let pipeline = channel.pipeline.syncOperations
    if let encryption {
      let isName = (try? SocketAddress(ipAddress: host, port: 0)) == nil
      try pipeline.addHandler(NIOSSLClientHandler(context: encryption, serverHostname: isName ? host : nil))
    }
    try pipeline.addHTTPClientHandlers()
    let exchange = SESExchange(
      channel,
      handshake: encryption == nil
        ? nil
        : channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
          channel.pipeline.fireErrorCaught(SESFailure.timedOut)
        })
    try pipeline.addHandler(exchange)
    return SESConnection(channel: channel, exchange: NIOLoopBound(exchange, eventLoop: channel.eventLoop))
  }

  private func exchangeIsReady() async throws {
    try await channel.closingOnCancellation(channel.eventLoop.flatSubmit { exchange.value.ready.futureResult })
  }

  /// Sends a request and waits for its answer. Afterwards the connection may be used again, if it is open still.
  func send(_ request: SESExchange.Request) async throws -> SESAnswer {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { waiter in
        channel.eventLoop.execute { exchange.value.begin(request, waiter) }
      }
    } onCancel: {
      channel.close(promise: nil)
    }
  }

  var isOpen: Bool { channel.isActive }

  func isSame(as other: SESConnection) -> Bool { channel === other.channel }

  /// Calls `action` once the connection is closed, whoever closed it.
  func whenClosed(_ action: @escaping @Sendable () -> Void) { channel.closeFuture.whenComplete { _ in action() } }

  func close() async { try? await channel.close().get() }  // fails only if it is closed
}
