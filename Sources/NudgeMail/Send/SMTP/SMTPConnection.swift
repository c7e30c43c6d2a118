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
  /// Something followed the consent to encryption, unencrypted.
  case injected

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
    case .injected: "somebody spoke in between, before the encryption began"
    }
  }
}

/// One connection to an SMTP server: commands out, replies in, one at a time.
struct SMTPConnection: Sendable {
  private let channel: any Channel
  private let handler: NIOLoopBound<SMTPReplyHandler>

  /// - Parameter encryption: what encrypts the conversation from its first byte on; nil for what may do so later.
  static func open(
    _ server: SMTPServer, encryption: SMTPEncryption?, timeout: Duration
  ) async throws(SMTPFailure) -> SMTPConnection {
    do {
      switch server.address {
      case .tcp(let host, let port):
        return try await ClientBootstrap.toTCPServer(timeout: timeout)
          .connect(host: host, port: port) { prepare($0, encryption) }
      case .unix(let path):
        return try await ClientBootstrap.toServer(timeout: timeout)
          .connect(unixDomainSocketPath: path) { prepare($0, encryption) }
      }
    } catch {
      throw .connecting(connectionFailure(error))
    }
  }

  /// The handler is held from the beginning: a server may end the connection before anybody asks for it.
  private static func prepare(
    _ channel: any Channel, _ encryption: SMTPEncryption?
  ) -> EventLoopFuture<SMTPConnection> {
    channel.eventLoop.makeCompletedFuture {
      if let handler = try encryption?.handler() { try channel.pipeline.syncOperations.addHandler(handler) }
      let handler = SMTPReplyHandler()
      try channel.pipeline.syncOperations.addHandler(handler)
      return SMTPConnection(channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
    }
  }

  /// Sends a line and waits for its reply.
  func command(_ line: String, timeout: Duration) async throws(SMTPFailure) -> SMTPReply {
    try await ask(Array("\(line)\r\n".utf8), timeout: timeout)
  }

  /// Sends bytes, if any, and waits for the reply to them. The connection is of no use any more if this fails.
  ///
  /// - Parameter encryption: what encrypts all that follows the reply, if that is positive.
  func ask(
    _ bytes: [UInt8], timeout: Duration, encryption: SMTPEncryption? = nil
  ) async throws(SMTPFailure) -> SMTPReply {
    let reply = channel.eventLoop.makePromise(of: SMTPReply.self)
    let buffer = ByteBuffer(bytes: bytes)
    channel.eventLoop.execute {
      handler.value.expect(reply, timeout: TimeAmount(timeout), encryption: encryption)
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

  /// True if the server is on this machine.
  var isLoopback: Bool { channel.remoteAddress?.isLoopback ?? false }

  /// Our end's address, as a host that goes by it is written in SMTP.
  var ownAddress: String? { channel.localAddress?.literal }

  func isSame(as other: SMTPConnection) -> Bool { channel === other.channel }

  /// Calls `action` after `delay`, unless the returned value is cancelled before.
  func later(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> Scheduled<Void> {
    channel.eventLoop.scheduleTask(in: TimeAmount(delay), action)
  }

  private func closingOnCancellation<T: Sendable>(_ future: EventLoopFuture<T>) async throws(SMTPFailure) -> T {
    do {
      return try await channel.closingOnCancellation(future)
    } catch let failure as SMTPFailure {
      throw failure
    } catch {
      throw .failed("\(error)")
    }
  }
}
