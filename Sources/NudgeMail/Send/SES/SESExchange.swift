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

  /// Whoever sent a request is answered here, in one step from the loop of the connection.
  typealias Waiter = CheckedContinuation<SESAnswer, any Error>

  /// What was sent, and what has come of its answer.
  private struct Open {
    let waiter: Waiter
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
  /// When the connection ends by itself: for want of an answer, or of a request.
  private var limit = NIODeadline.distantFuture
  /// Looks at `limit` then, or earlier. It moves twice a letter; the alarm is left where it is, if that is soon enough,
  /// because to take one back is to look through those of all connections.
  private var alarm: (time: NIODeadline, scheduled: Scheduled<Void>)?

  /// - Parameter handshake: what ends the connection, unless it is encrypted before; nil if it will not be.
  init(_ channel: any Channel, handshake: Scheduled<Void>?) {
    self.channel = channel
    self.handshake = handshake
    ready = channel.eventLoop.makePromise()
    if handshake == nil { ready.succeed() }
  }

  func begin(_ request: Request, _ waiter: Waiter) {
    guard channel.isActive, open == nil else { return waiter.resume(throwing: SESFailure.stale) }
    if let letter = request.letter, !letter.begin() {
      waitForNext()
      return waiter.resume(throwing: LetterBody.Withdrawn())
    }
    open = Open(waiter: waiter)
    end(at: request.deadline)
    let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
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
    if keepsOpen && open.isWritten {
      waitForNext()
    } else {
      channel.close(promise: nil)
    }
    open.waiter.resume(returning: answer)
  }

  private func waitForNext() { end(at: .now() + Self.idle) }

  private func end(at time: NIODeadline) {
    limit = time
    if let alarm, alarm.time <= time { return }
    alarm?.scheduled.cancel()
    let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
    alarm = (time, channel.eventLoop.scheduleTask(deadline: time) { bound.value.lookAtLimit() })
  }

  private func lookAtLimit() {
    alarm = nil
    if limit > .now() { return end(at: limit) }
    if open == nil { channel.close(promise: nil) } else { fail(SESFailure.timedOut) }
  }

  /// The status says enough of a failure, even if the rest of the answer does not come; a success has to be whole.
  /// Whoever waits is told once the connection is closed: until then more of the letter may leave.
  private func fail(_ error: any Error) {
    handshake?.cancel()
    alarm?.scheduled.cancel()
    ready.fail(error)
    let open = open
    self.open = nil
    channel.close(promise: nil)
    guard var open else { return }
    open.body = nil
    let waiter = open.waiter
    if let answer = open.answer, !(200..<300).contains(answer.status) { return waiter.resume(returning: answer) }
    channel.closeFuture.whenComplete { _ in waiter.resume(throwing: error) }
  }
}
