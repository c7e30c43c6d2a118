import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NudgeAPI

/// Tells the head of the pipeline how far a request has come, and gives the answer to one that is not HTTP its body.
final class RequestProgressHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// After it nothing that the client sends is a request any more.
  private var isBroken = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isBroken { return }
    context.triggerUserOutboundEvent(progress(of: unwrapInboundIn(data)), promise: nil)
    context.fireChannelRead(data)
  }

  private func progress(of part: HTTPRequestPart) -> RequestProgress {
    switch part {
    case .head(let head): .head(isStream: head.path.map(Routes.isStream) ?? false)
    case .body: .body
    case .end: .end
    }
  }

  /// Whatever the decoder objects to reaches the connection's loop as the one error that it answers.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if isBroken { return }
    guard !(error is IOError), !(error is ChannelError) else { return context.fireErrorCaught(error) }
    isBroken = true
    context.fireErrorCaught((error as? HTTPParserError) ?? HTTPParserError.unknown)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let part = unwrapOutboundIn(data)
    if case .end = part { context.triggerUserOutboundEvent(RequestProgress.answered, promise: nil) }
    guard isBroken, case .head(let head) = part, head.isBare400 else {
      return context.write(data, promise: promise)
    }
    var reply = Reply(Problem(.malformed, "the request is not HTTP/1.1, or its headers are too large"))
    reply.moreFields[.connection] = "close"
    context.write(wrapOutboundOut(.head(reply.head)), promise: nil)
    context.write(wrapOutboundOut(.body(reply.body)), promise: promise)
  }
}

extension HTTPResponse {
  /// The answer that the connection's loop gives to what is not HTTP. Those of the routes all have a body.
  fileprivate var isBare400: Bool {
    status == .badRequest && headerFields[.contentLength] == "0"
  }
}
