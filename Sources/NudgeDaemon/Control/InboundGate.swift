import NIOCore

/// Lets what a client sends into the pipeline in small pieces, each only when somebody wants it.
///
/// A piece can become many parts, requests of a few bytes or chunks of one, and these are not asked for one by one: so what
/// one connection takes up is bounded by the piece. And each event loop serves its other clients between two pieces.
final class InboundGate: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer

  /// What is read from the socket at once: at most 16 KiB, and little from those who say little.
  static let allocator = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 2_048, maximum: 16_384)
  /// What the decoder gets at once, in bytes.
  static let pieceBytes = 4_096

  private var waiting = ByteBuffer()
  private var isScheduled = false
  /// The client has said that nothing more comes: told once all is let in.
  private var end: Any?

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if waiting.readableBytes == 0 { waiting = bytes } else { waiting.writeBuffer(&bytes) }
  }

  /// After it the channel asks for more by itself.
  func channelReadComplete(context: ChannelHandlerContext) {
    if !isScheduled { letIn(context) }
    context.fireChannelReadComplete()
  }

  func read(context: ChannelHandlerContext) {
    guard waiting.readableBytes > 0 else { return context.read() }
    guard !isScheduled else { return }
    isScheduled = true
    context.eventLoop.assumeIsolated().execute {
      self.isScheduled = false
      self.letIn(context)
      context.fireChannelReadComplete()
      context.pipeline.syncOperations.read()
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed? = event as? ChannelEvent, waiting.readableBytes > 0 else {
      return context.fireUserInboundEventTriggered(event)
    }
    end = event
  }

  func channelInactive(context: ChannelHandlerContext) {
    while waiting.readableBytes > 0 { letIn(context) }
    context.fireChannelInactive()
  }

  private func letIn(_ context: ChannelHandlerContext) {
    guard let piece = waiting.readSlice(length: min(waiting.readableBytes, Self.pieceBytes)), piece.readableBytes > 0
    else { return }
    if waiting.readableBytes == 0 { waiting = ByteBuffer() }
    context.fireChannelRead(wrapInboundOut(piece))
    guard waiting.readableBytes == 0, let end else { return }
    self.end = nil
    context.fireUserInboundEventTriggered(end)
  }
}
