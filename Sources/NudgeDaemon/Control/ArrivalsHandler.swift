import NIOCore

/// Has a listener close only when everybody whom it has accepted has arrived; from then on it accepts nobody.
///
/// NIO hangs up on those who are between the two when a listener closes. They are connected already, so that to them it is
/// a refusal, and nobody else will ever hear them.
final class ArrivalsHandler: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias OutboundIn = Never

  private var underWay = 0
  private var isClosing = false
  /// Whoever wants to know of the close.
  private var promises: [EventLoopPromise<Void>] = []

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    underWay += 1
    let (loop, arrivals) = (context.eventLoop, NIOLoopBound((self, context), eventLoop: context.eventLoop))
    let arrived: @Sendable () -> Void = {
      loop.execute {
        let (handler, context) = arrivals.value
        handler.arrived(context)
      }
    }
    let client = unwrapInboundIn(data)
    client.pipeline.addHandler(ArrivalHandler(arrived)).whenFailure { _ in arrived() }
    context.fireChannelRead(data)
  }

  func read(context: ChannelHandlerContext) {
    if !isClosing { context.read() }
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    isClosing = true
    // Fails only for a listener that is closed, which accepts nobody either.
    try? context.channel.syncOptions?.setOption(.autoRead, value: false)
    guard underWay > 0 else { return context.close(mode: mode, promise: promise) }
    if let promise { promises.append(promise) }
  }

  private func arrived(_ context: ChannelHandlerContext) {
    underWay -= 1
    guard isClosing, underWay == 0 else { return }
    let closed = context.eventLoop.makePromise(of: Void.self)
    for promise in promises { closed.futureResult.cascade(to: promise) }
    promises = []
    context.close(promise: closed)
  }
}

/// Tells once that a client has arrived: its connection is registered with its loop, or is closed.
private final class ArrivalHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = ByteBuffer
  private let arrived: @Sendable () -> Void

  init(_ arrived: @escaping @Sendable () -> Void) { self.arrived = arrived }

  func channelActive(context: ChannelHandlerContext) {
    context.fireChannelActive()
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
  }

  func handlerRemoved(context: ChannelHandlerContext) { arrived() }
}
