import NIOCore
import NIOHTTPTypes
import Synchronization

/// Closes a connection whose client takes too long over a request, over taking its answer, or over asking again.
///
/// It sits at the head of the pipeline, where it sees the first byte; `ShortWay` and `RequestProgressHandler`, behind the
/// HTTP decoder, tell it how far the request has come.
final class RequestDeadlineHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var deadline: RequestDeadline
  private let limits: ControlLimits
  private let connection: Connection
  private var timer: Scheduled<Void>?
  private var answerTimer: Scheduled<Void>?
  private var farewellTimer: Scheduled<Void>?
  private var idleTimer: Scheduled<Void>?
  /// While it is in the pipeline.
  private var context: ChannelHandlerContext?

  init(_ limits: ControlLimits, _ connection: Connection) {
    deadline = RequestDeadline(limit: limits.request)
    self.limits = limits
    self.connection = connection
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    watchIdleness(from: context.eventLoop.now, context)
  }

  /// One timer serves many requests: it looks again when it fires.
  private func watchIdleness(from since: NIODeadline, _ context: ChannelHandlerContext) {
    idleTimer = schedule(at: since + limits.idle, context) { handler, context in
      let now = context.eventLoop.now
      guard case .idle(let since) = handler.connection.standing.withLock({ $0.wait }) else {
        return handler.watchIdleness(from: now, context)
      }
      if since + handler.limits.idle <= now { return context.close(promise: nil) }
      handler.watchIdleness(from: since, context)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let now = context.eventLoop.now
    connection.standing.withLock { $0.bytesArrived(now: now) }
    perform(deadline.bytesArrived(now: now), context)
    context.fireChannelRead(data)
  }

  func read(context: ChannelHandlerContext) {
    deadline.readBegan()
    context.read()
  }

  func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
    guard let progress = event as? RequestProgress else {
      return context.triggerUserOutboundEvent(event, promise: promise)
    }
    if case .taken = progress {
      // What was written before goes to the socket before this nothing does.
      return context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
    }
    follow(progress)
    promise?.succeed()
  }

  func follow(_ progress: RequestProgress) {
    guard let context else { return }
    let now = context.eventLoop.now
    switch progress {
    case .head(let isStream):
      connection.standing.withLock { $0.headArrived(isStream: isStream, now: now) }
      perform(deadline.headArrived(isStream: isStream, now: now), context)
    case .body: deadline.bodyArrived(now: now)
    case .end:
      connection.standing.withLock { $0.endArrived() }
      deadline.endArrived()
    case .answered:
      connection.standing.withLock { $0.answered(now: now) }
      deadline.answered(now: now)
    case .taken: break
    }
  }

  /// Answers a request in one piece, past all that makes pieces of answers.
  func answer(_ message: ByteBuffer) {
    follow(.answered)
    context?.writeAndFlush(wrapOutboundOut(message), promise: nil)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    let now = context.eventLoop.now
    let isWritable = context.channel.isWritable
    connection.standing.withLock { $0.writabilityChanged(isWritable, now: now) }
    answerTimer?.cancel()
    answerTimer = isWritable ? nil : schedule(at: now + limits.answer, context) { $1.close(promise: nil) }
    context.fireChannelWritabilityChanged()
  }

  /// Nudged has nothing more to say: a client that does not leave by itself is left.
  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if case .output = mode, farewellTimer == nil {
      let last = context.eventLoop.now + limits.answer + limits.farewell
      let promise = promise ?? context.eventLoop.makePromise()
      farewellTimer = schedule(at: last, context) { $1.close(promise: nil) }
      promise.futureResult.assumeIsolated().whenComplete { _ in
        guard let timer = self.farewellTimer else { return }
        timer.cancel()
        self.farewellTimer = self.schedule(at: context.eventLoop.now + self.limits.farewell, context) {
          $1.close(promise: nil)
        }
      }
      return context.close(mode: mode, promise: promise)
    }
    context.close(mode: mode, promise: promise)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    answerTimer?.cancel()
    farewellTimer?.cancel()
    farewellTimer = nil
    idleTimer?.cancel()
    self.context = nil
  }

  private func perform(_ action: RequestDeadline.Action, _ context: ChannelHandlerContext) {
    switch action {
    case .none: break
    case .close: context.close(promise: nil)
    case .arm(let at):
      timer = schedule(at: at, context) { handler, context in
        handler.perform(handler.deadline.timerFired(now: context.eventLoop.now), context)
      }
    }
  }

  private func schedule(
    at deadline: NIODeadline, _ context: ChannelHandlerContext,
    _ body: @escaping (RequestDeadlineHandler, ChannelHandlerContext) -> Void
  ) -> Scheduled<Void> {
    context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { body(self, context) }
  }
}

/// How far a request and its answer have come.
enum RequestProgress: Sendable {
  case head(isStream: Bool)
  case body
  case end
  /// The end of an answer is on its way to the socket.
  case answered
  /// Succeeds when the socket has taken all that was written before.
  case taken
}
