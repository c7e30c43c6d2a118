import NIOCore
import NIOHTTP1
import NIOTLS

/// Writes a request and reads its answer; one at a time, on a connection that waits for the next one in between.
final class SESExchange: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  struct Request: Sendable {
    var head: HTTPRequestHead
    /// Nil for a question.
    var letter: LetterBody?
    /// When the answer has to be there, as a whole.
    var deadline: NIODeadline
  }

  /// An answer of SES is a few hundred bytes.
  private static let longestAnswer = 64 * 1_024
  /// How long a connection waits for the next request. Shorter than servers wait, since a letter that is written while
  /// the server hangs up is unknown.
  private static let idle = TimeAmount.seconds(4)

  /// What was sent, and what has come of its answer.
  private struct Open {
    var promise: EventLoopPromise<SESAnswer>
    var deadline: Scheduled<Void>
    /// The whole request is in the hands of the system.
    var isWritten = false
    var head: HTTPResponseHead?
    /// Nil if it is longer than any answer.
    var body: [UInt8]? = []

    var answer: SESAnswer? {
      head.map {
        SESAnswer(status: Int($0.status.code), errorType: $0.headers.first(name: "x-amzn-ErrorType"), body: body)
      }
    }
  }

  /// Succeeds once requests may be written.
  let ready: EventLoopPromise<Void>
  private let channel: any Channel
  private var handshake: Scheduled<Void>?
  private var open: Open?
  private var end: Scheduled<Void>?

  /// - Parameter handshake: what ends the connection, unless it is encrypted before; nil if it will not be.
  init(_ channel: any Channel, handshake: Scheduled<Void>?) {
    self.channel = channel
    self.handshake = handshake
    ready = channel.eventLoop.makePromise()
    if handshake == nil { ready.succeed() }
  }

  func begin(_ request: Request, _ promise: EventLoopPromise<SESAnswer>) {
    guard channel.isActive, open == nil else { return promise.fail(SESFailure.stale) }
    end?.cancel()
    if let letter = request.letter, !letter.begin() {
      waitForNext()
      return promise.fail(LetterBody.Withdrawn())
    }
    let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
    open = Open(
      promise: promise,
      deadline: channel.eventLoop.scheduleTask(deadline: request.deadline) { bound.value.fail(SESFailure.timedOut) })
    write(request).whenSuccess {
      request.letter?.end()
      bound.value.open?.isWritten = true
    }
  }

  /// Head and body leave together.
  private func write(_ request: Request) -> EventLoopFuture<Void> {
    channel.write(OutboundOut.head(request.head), promise: nil)
    if let letter = request.letter {
      channel.write(OutboundOut.body(.byteBuffer(ByteBuffer(bytes: letter.bytes))), promise: nil)
    }
    return channel.writeAndFlush(OutboundOut.end(nil))
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): open?.head = head
    case .body(let part):
      open?.body?.append(contentsOf: part.readableBytesView)
      if open?.body?.count ?? 0 > Self.longestAnswer {
        open?.body = nil
        finish(keepsOpen: false)
      }
    case .end: finish(keepsOpen: open?.head?.isKeepAlive ?? false)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted? = event as? TLSUserEvent {
      handshake?.cancel()
      ready.succeed()
    }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(SESFailure.closed)
    context.fireChannelInactive()
  }

  /// Comes without the other, if the connection never stood.
  func handlerRemoved(context: ChannelHandlerContext) { fail(SESFailure.closed) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(error is SESFailure ? error : SESFailure.failed(connectionFailure(error)))
  }

  private func finish(keepsOpen: Bool) {
    guard let open, let answer = open.answer else { return }
    self.open = nil
    open.deadline.cancel()
    if keepsOpen && open.isWritten {
      waitForNext()
    } else {
      channel.close(promise: nil)
    }
    open.promise.succeed(answer)
  }

  private func waitForNext() {
    let channel = channel
    end = channel.eventLoop.scheduleTask(in: Self.idle) { channel.close(promise: nil) }
  }

  /// The status says enough of a failure, even if the rest of the answer does not come; a success has to be whole.
  /// Whoever waits is told once the connection is closed: until then more of the letter may leave.
  private func fail(_ error: any Error) {
    handshake?.cancel()
    end?.cancel()
    ready.fail(error)
    let open = open
    self.open = nil
    channel.close(promise: nil)
    guard var open else { return }
    open.deadline.cancel()
    open.body = nil
    if let answer = open.answer, !(200..<300).contains(answer.status) { return open.promise.succeed(answer) }
    let promise = open.promise
    channel.closeFuture.whenComplete { _ in promise.fail(error) }
  }
}
