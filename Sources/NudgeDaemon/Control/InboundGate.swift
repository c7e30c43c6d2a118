import NIOCore
import Synchronization

/// Lets what a client sends into the pipeline in small pieces, each only when somebody wants it.
///
/// A piece can become many parts, requests of a few bytes or chunks of one, and these are not asked for one by one: so what
/// one connection takes up is bounded by the piece. A piece is what is read from the socket at once: for each the event loop
/// looks at its other clients, too. Only when a client says that nothing more comes, all that it has sent is read in one go;
/// then the pieces wait here, each for its turn.
final class InboundGate: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer

  /// What the decoder gets at once, in bytes.
  static let pieceBytes = 4_096
  /// What is read from the socket at once: a piece, and less from those who say little.
  static let allocator = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 2_048, maximum: pieceBytes)

  private let looks: Looks
  private let connection: Connection
  private var waiting = ByteBuffer()
  /// Somebody has asked for more since the last piece.
  private var isWanted = false
  private var isInLine = false
  /// The client has said that nothing more comes: told once all is let in.
  private var end: Any?

  init(_ looks: Looks, _ connection: Connection) {
    self.looks = looks
    self.connection = connection
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if waiting.readableBytes == 0 { waiting = bytes } else { waiting.writeBuffer(&bytes) }
  }

  /// After it the channel asks for more by itself.
  func channelReadComplete(context: ChannelHandlerContext) {
    if isWanted, !isInLine { letIn(context) }
    context.fireChannelReadComplete()
  }

  func read(context: ChannelHandlerContext) {
    isWanted = true
    guard waiting.readableBytes > 0 else { return context.read() }
    guard !isInLine else { return }
    isInLine = true
    let (loop, looks) = (context.eventLoop, looks)
    loop.makeFutureWithTask { await looks.turn(on: loop) }.assumeIsolated().whenComplete { _ in
      self.isInLine = false
      guard context.channel.isActive else { return }
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

  /// What came before the client left is still heard, but for requests behind the one that is under way: with nobody to
  /// take its answer, it is the last one.
  func channelInactive(context: ChannelHandlerContext) {
    while waiting.readableBytes > 0, !connection.standing.withLock({ $0.isAhead }) { letIn(context) }
    waiting = ByteBuffer()
    context.fireChannelInactive()
  }

  private func letIn(_ context: ChannelHandlerContext) {
    guard let piece = waiting.readSlice(length: min(waiting.readableBytes, Self.pieceBytes)), piece.readableBytes > 0
    else { return }
    if waiting.readableBytes == 0 { waiting = ByteBuffer() }
    isWanted = false
    context.fireChannelRead(wrapInboundOut(piece))
    guard waiting.readableBytes == 0, let end else { return }
    self.end = nil
    context.fireUserInboundEventTriggered(end)
  }
}
