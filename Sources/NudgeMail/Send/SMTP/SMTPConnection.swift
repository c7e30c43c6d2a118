import NIOCore
import NIOPosix

/// Why a conversation ended before its time.
enum SMTPFailure: Error, Hashable, CustomStringConvertible {
  case connecting(String)
  case timedOut
  case closed
  case failed(String)
  case garbled(SMTPReplyParser.Failure)
  /// The server spoke without being asked: it is about to hang up.
  case unasked(SMTPReply)

  var description: String {
    switch self {
    case .connecting(let why): "cannot connect: \(why)"
    case .timedOut: "no reply in time"
    case .closed: "the connection was closed"
    case .failed(let why): "the connection failed: \(why)"
    case .garbled(.lineTooLong): "a line of the reply is too long"
    case .garbled(.tooManyLines): "the reply has too many lines"
    case .garbled(.notAReply(let line)): "not a reply: \(line)"
    case .unasked(let reply): "hung up with \(reply.text)"
    }
  }
}

/// One connection to an SMTP server: commands out, replies in, one at a time.
struct SMTPConnection: Sendable {
  private let channel: any Channel
  private let handler: NIOLoopBound<SMTPReplyHandler>

  static func open(host: String, port: Int, timeout: Duration) async throws(SMTPFailure) -> SMTPConnection {
    do {
      let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(TimeAmount(timeout))
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(SMTPReplyHandler()) }
        }
        .connect(host: host, port: port).get()
      let handler = try await channel.eventLoop.submit {
        let handler = try channel.pipeline.syncOperations.handler(type: SMTPReplyHandler.self)
        return NIOLoopBound(handler, eventLoop: channel.eventLoop)
      }.get()
      return SMTPConnection(channel: channel, handler: handler)
    } catch {
      throw .connecting("\(error)")
    }
  }

  /// Sends a line and waits for its reply.
  func command(_ line: String, timeout: Duration) async throws(SMTPFailure) -> SMTPReply {
    try await ask(Array("\(line)\r\n".utf8), timeout: timeout)
  }

  /// Sends bytes, if any, and waits for the reply to them. The connection is of no use any more if this fails.
  func ask(_ bytes: [UInt8], timeout: Duration) async throws(SMTPFailure) -> SMTPReply {
    let reply = channel.eventLoop.makePromise(of: SMTPReply.self)
    let buffer = ByteBuffer(bytes: bytes)
    channel.eventLoop.execute {
      handler.value.expect(reply, timeout: TimeAmount(timeout))
      if buffer.readableBytes > 0 { channel.writeAndFlush(buffer, promise: nil) }
    }
    return try await closingOnCancellation(reply.futureResult)
  }

  /// Sends bytes and waits until all of them are in the hands of the system.
  func write(_ bytes: [UInt8], timeout: Duration) async throws(SMTPFailure) {
    let written = channel.eventLoop.makePromise(of: Void.self)
    let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { written.fail(SMTPFailure.timedOut) }
    channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { result in
      switch result {
      case .success: written.succeed()
      case .failure(let error): written.fail(SMTPFailure.failed("\(error)"))
      }
    }
    defer { deadline.cancel() }
    try await closingOnCancellation(written.futureResult)
  }

  func close() {
    channel.close(promise: nil)
  }

  /// Says goodbye and returns when the connection is closed: by the server, or by us after `patience`.
  func quit(patience: Duration) async {
    let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(patience)) { channel.close(promise: nil) }
    channel.writeAndFlush(ByteBuffer(string: "QUIT\r\n"), promise: nil)
    try? await channel.closeFuture.get()  // never fails
    deadline.cancel()
  }

  var isOpen: Bool { channel.isActive }

  func isSame(as other: SMTPConnection) -> Bool { channel === other.channel }

  /// Calls `action` after `delay`, unless the returned value is cancelled before.
  func later(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> Scheduled<Void> {
    channel.eventLoop.scheduleTask(in: TimeAmount(delay), action)
  }

  private func closingOnCancellation<T: Sendable>(_ future: EventLoopFuture<T>) async throws(SMTPFailure) -> T {
    do {
      return try await withTaskCancellationHandler {
        try await future.get()
      } onCancel: {
        channel.close(promise: nil)
      }
    } catch let failure as SMTPFailure {
      throw failure
    } catch {
      throw .failed("\(error)")
    }
  }
}

/// Gives each reply to who asked for it.
private final class SMTPReplyHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var parser = SMTPReplyParser()
  private var asked: (promise: EventLoopPromise<SMTPReply>, deadline: Scheduled<Void>)?
  /// A greeting may come before it is asked for.
  private var unasked: SMTPReply?
  private var failure: SMTPFailure?
  private var context: ChannelHandlerContext?
  private var isGreeted = false

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func expect(_ promise: EventLoopPromise<SMTPReply>, timeout: TimeAmount) {
    if let failure { return promise.fail(failure) }
    if let reply = unasked {
      unasked = nil
      if isGreeted { return promise.fail(SMTPFailure.unasked(reply)) }
      isGreeted = true
      return promise.succeed(reply)
    }
    guard let context else { return promise.fail(SMTPFailure.closed) }
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    let deadline = context.eventLoop.scheduleTask(in: timeout) { bound.value.fail(.timedOut) }
    asked = (promise, deadline)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    for byte in unwrapInboundIn(data).readableBytesView {
      guard failure == nil else { return }
      do throws(SMTPReplyParser.Failure) {
        if let reply = try parser.take(byte) { answer(reply) }
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
    fail(.failed("\(error)"))
  }

  private func answer(_ reply: SMTPReply) {
    if let asked {
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

  private func fail(_ failure: SMTPFailure) {
    if self.failure == nil { self.failure = failure }
    asked?.deadline.cancel()
    asked?.promise.fail(failure)
    asked = nil
    context?.close(promise: nil)
  }
}
