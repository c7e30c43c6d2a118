import HTTPTypes
import NIOCore
import NIOHTTP1
import NudgeAPI
import NudgeDomain

/// The short way of an event that comes alone: from the HTTP decoder to the store's writer and back, all of it on the event
/// loop of its client, without a task.
///
/// Nearly all requests are such events, and most of what one cost were hops between threads. Whatever else there is about
/// a request goes the long way, to the routes: a body that is large or of unknown length, a wish to be asked first, a query.
/// So does what the client sends before it has its answer: the long way has turns for that.
final class ShortWay: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private enum State {
    /// Nothing is on the short way.
    case free
    /// An event is on its way: what has come of it is in `head` and `body`.
    case gathering(SingleEvent)
    /// It is with the writer. What comes meanwhile is in `held`.
    case recording(SingleEvent)
    /// The rest goes the long way.
    case closed
  }

  /// What came behind an event, in its order.
  private enum Held {
    case part(HTTPServerRequestPart)
    case event(Any)
    case error(any Error)
  }

  private let engine: Engine
  private let deadlines: RequestDeadlineHandler
  private var state = State.free
  /// Requests on the long way that are not answered.
  private var unanswered = 0
  /// Of the event that is on its way.
  private var head: HTTPRequestHead?
  /// As much as has come of it.
  private var body = ByteBuffer()
  private var held: [Held] = []
  /// More was asked for, though what is held is enough.
  private var isReadHeld = false

  private init(_ engine: Engine, _ deadlines: RequestDeadlineHandler) {
    self.engine = engine
    self.deadlines = deadlines
  }

  /// Puts one right behind the decoder.
  static func lay(in pipeline: ChannelPipeline.SynchronousOperations, _ engine: Engine) throws {
    let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self).handler
    try pipeline.addHandler(
      ShortWay(engine, pipeline.handler(type: RequestDeadlineHandler.self)), position: .after(decoder))
  }
}

// MARK: - What comes

extension ShortWay {
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    switch state {
    case .free: begin(part, context)
    case .gathering(let kind): gather(part, of: kind, context)
    case .recording: held.append(.part(part))
    case .closed: context.fireChannelRead(data)
    }
  }

  private func begin(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
    guard case .head(let head) = part, unanswered == 0, let kind = Self.event(head), !engine.isDraining else {
      return pass(part, context)
    }
    state = .gathering(kind)
    self.head = head
    deadlines.follow(.head(isStream: false))
  }

  /// Nil if the request needs the long way.
  private static func event(_ head: HTTPRequestHead) -> SingleEvent? {
    guard head.method == .POST, let kind = SingleEvent.allCases.first(where: { $0.path == head.uri }),
      head.version == .http1_1, head.isKeepAlive, !head.headers.contains(name: "expect"),
      let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length <= Capacity.ordinary,
      let type = head.headers.first(name: "content-type"), MediaType.is(type, Call.jsonMediaType)
    else { return nil }
    return kind
  }

  private func gather(_ part: HTTPServerRequestPart, of kind: SingleEvent, _ context: ChannelHandlerContext) {
    switch part {
    case .head: break  // the decoder lets none come before the end
    case .body(let part):
      if body.readableBytes == 0 { body = part } else { body.writeImmutableBuffer(part) }
      deadlines.follow(.body)
    case .end:
      deadlines.follow(.end)
      record(kind, context)
    }
  }

  private func pass(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
    if case .head(let head) = part {
      unanswered += 1
      if !head.isKeepAlive { state = .closed }
    }
    context.fireChannelRead(wrapInboundOut(part))
  }

  /// Lets what has come of an event go the long way, and all that comes after it.
  private func giveUp(_ context: ChannelHandlerContext) {
    if let head {
      let body = takeBody()
      held.insert(.part(.head(head)), at: 0)
      if body.readableBytes > 0 { held.insert(.part(.body(body)), at: 1) }
    }
    head = nil
    state = .closed
    letGo(context)
  }

  func read(context: ChannelHandlerContext) {
    if case .recording = state, !held.isEmpty { isReadHeld = true } else { context.read() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch state {
    case .gathering, .recording: held.append(.event(event))
    case .free, .closed: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if case .recording = state { return held.append(.error(error)) }
    giveUp(context)  // the decoder is at its end
    context.fireErrorCaught(error)
  }

  /// The answer to an event that is with the writer has nobody to go to, nor has what was asked behind it.
  func channelInactive(context: ChannelHandlerContext) {
    if case .recording = state { held = [] }
    giveUp(context)
    context.fireChannelInactive()
  }
}

// MARK: - What goes

extension ShortWay {
  private func record(_ kind: SingleEvent, _ context: ChannelHandlerContext) {
    head = nil
    state = .recording(kind)
    do throws(Problem) {
      let heard = engine.hearing
      let event = try Call.read(takeBody()) { (json) throws(Problem) in try kind.event(json, heard: heard) }
      let (loop, way) = (context.eventLoop, NIOLoopBound((self, context), eventLoop: context.eventLoop))
      engine.takeEvent(event, now: heard.now) { result in
        loop.execute {
          let (way, context) = way.value
          way.answer(result, kind, context)
        }
      }
    } catch {
      answer(.failure(error), kind, context)
    }
  }

  private func takeBody() -> ByteBuffer {
    defer { body = ByteBuffer() }
    return body
  }

  private func answer(_ result: Result<TakenEvent, Problem>, _ kind: SingleEvent, _ context: ChannelHandlerContext) {
    let reply: Reply
    switch result {
    case .success(let taken): reply = Reply(taken)
    case .failure(let problem):
      engine.noteRefusal(problem, of: kind.path)
      reply = Reply(problem)
    }
    engine.counts.count(route: Routes.number(of: kind), status: reply.status.code)
    guard case .recording = state else { return }  // the client is gone
    deadlines.answer(reply.message)
    state = .free
    letGo(context)
  }

  /// Lets what was held go the long way.
  private func letGo(_ context: ChannelHandlerContext) {
    let later = held
    held.removeAll(keepingCapacity: true)
    for held in later {
      switch held {
      case .part(let part): pass(part, context)
      case .event(let event): context.fireUserInboundEventTriggered(event)
      case .error(let error): errorCaught(context: context, error: error)
      }
    }
    if !later.isEmpty { context.fireChannelReadComplete() }
    guard isReadHeld else { return }
    isReadHeld = false
    context.read()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) { unanswered -= 1 }
    context.write(data, promise: promise)
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if case .free = state { state = .closed }
    context.close(mode: mode, promise: promise)
  }
}
