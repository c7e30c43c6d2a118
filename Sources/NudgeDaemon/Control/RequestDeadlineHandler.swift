import NIOCore
import NIOHTTPTypes

/// Closes a connection whose client takes too long over a request, or over taking its answer.
///
/// It sits at the head of the pipeline, where it sees the first byte; `RequestProgressHandler`, behind the HTTP decoder,
/// tells it how far the request has come.
final class RequestDeadlineHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer

  private var deadline: RequestDeadline
  private let answerLimit: TimeAmount
  private var timer: Scheduled<Void>?
  private var answerTimer: Scheduled<Void>?

  init(limit: TimeAmount, answerLimit: TimeAmount) {
    deadline = RequestDeadline(limit: limit)
    self.answerLimit = answerLimit
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    perform(deadline.bytesArrived(now: context.eventLoop.now), context)
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
    let now = context.eventLoop.now
    switch progress {
    case .head(let isStream): perform(deadline.headArrived(isStream: isStream, now: now), context)
    case .body: deadline.bodyArrived(now: now)
    case .end: deadline.endArrived()
    }
    promise?.succeed()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    answerTimer?.cancel()
    answerTimer =
      context.channel.isWritable
      ? nil : schedule(at: context.eventLoop.now + answerLimit, context) { $1.close(promise: nil) }
    context.fireChannelWritabilityChanged()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    answerTimer?.cancel()
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

/// How far the request that is being read has come.
enum RequestProgress: Sendable {
  case head(isStream: Bool)
  case body
  case end
}
