import NIOCore

/// Gives each reply to who asked for it.
final class SMTPReplyHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private struct Asked {
    var promise: EventLoopPromise<SMTPReply>
    var deadline: Scheduled<Void>
    /// What encrypts the connection from the end of the reply on, if the server agrees.
    var encryption: SMTPEncryption?
  }

  private var parser = SMTPReplyParser()
  private var asked: Asked?
  /// A greeting may come before it is asked for.
  private var unasked: SMTPReply?
  private var failure: SMTPFailure?
  private var context: ChannelHandlerContext?
  private var isGreeted = false

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func expect(_ promise: EventLoopPromise<SMTPReply>, timeout: TimeAmount, encryption: SMTPEncryption?) {
    if let reply = unasked {
      unasked = nil
      if isGreeted { return promise.fail(SMTPFailure.unasked(reply)) }
      isGreeted = true
      return promise.succeed(reply)
    }
    if let failure { return promise.fail(failure) }
    guard let context else { return promise.fail(SMTPFailure.closed) }
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    let deadline = context.eventLoop.scheduleTask(in: timeout) { bound.value.fail(.timedOut) }
    asked = Asked(promise: promise, deadline: deadline, encryption: encryption)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data).readableBytesView
    while failure == nil, let byte = bytes.popFirst() {
      do throws(SMTPReplyParser.Failure) {
        if let reply = try parser.take(byte) { answer(reply, isLast: bytes.isEmpty) }
      } catch {
        fail(.garbled(error))
      }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(.closed)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(.failed(connectionFailure(error)))
  }

  /// - Parameter isLast: false if the server has said more already.
  private func answer(_ reply: SMTPReply, isLast: Bool) {
    if let asked {
      if let encryption = asked.encryption, reply.isPositive {
        // What came before the encryption may be anybody's: it must not pass for an answer to what is said under it.
        guard isLast else { return fail(.injected) }
        do { try encrypt(encryption) } catch { return fail(.failed(connectionFailure(error))) }
      }
      asked.deadline.cancel()
      self.asked = nil
      isGreeted = true
      asked.promise.succeed(reply)
    } else if unasked == nil {
      unasked = reply
    } else {
      fail(.unasked(reply))
    }
  }

  private func encrypt(_ encryption: SMTPEncryption) throws {
    guard let context, let handler = try encryption.handler() else { return }
    try context.pipeline.syncOperations.addHandler(handler, position: .first)
  }

  private func fail(_ failure: SMTPFailure) {
    if self.failure == nil { self.failure = failure }
    asked?.deadline.cancel()
    asked?.promise.fail(failure)
    asked = nil
    context?.close(promise: nil)
  }
}
