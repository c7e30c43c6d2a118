import HTTPTypes
import HummingbirdCore
import NIOCore
import NudgeAPI
import NudgeDomain

/// One request on its way to an answer. The clock was read once, for all that it does.
struct Call: Sendable {
  let request: Request
  /// What stands for `{id}` in the path.
  let id: String
  let query: Query
  let now: Moment
  /// Who asks, where that is written down: for operations. Nil if the kernel does not say.
  var who: Operator?
  /// How far the wall clock is ahead of `now`: zero unless it is doubted.
  var ahead = Duration.zero

  var heard: Hearing { Hearing(now: now, ahead: ahead) }
  var timestamp: Timestamp { Timestamp(now) }
}

// MARK: - Body

extension Call {
  static let jsonMediaType = "application/json"

  /// The body as JSON of at most one event's size.
  func json() async throws(Problem) -> JSON {
    try request.requireMediaType(Self.jsonMediaType)
    let body = try await request.collectBody(limit: Limits.eventBytes)
    do { return try JSON(parsing: body) } catch { throw Problem(malformed: error) }
  }
}

extension Request {
  /// What the client says the size of the body is; nil if it comes in chunks.
  var announcedBytes: Int? { headers[.contentLength].flatMap { Int($0) } }

  func requireMediaType(_ wanted: String) throws(Problem) {
    let said = headers[.contentType]
    let mediaType = said?.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
    guard mediaType != wanted else { return }
    throw Problem(.unsupportedMediaType, "send this with Content-Type: \(wanted), not \(said ?? "without one")")
  }

  func requireBodyWithin(_ limit: Int) throws(Problem) {
    if let announcedBytes, announcedBytes > limit { throw .tooLarge(limit: limit) }
  }

  /// The whole body. A larger one is refused before it is read if the client says its size, else as soon as it shows.
  func collectBody(limit: Int) async throws(Problem) -> ByteBuffer {
    try requireBodyWithin(limit)
    var whole = ByteBuffer()
    var parts = body.makeAsyncIterator()
    while let part = try await parts.nextPart() {
      guard whole.readableBytes + part.readableBytes <= limit else { throw .tooLarge(limit: limit) }
      if whole.readableBytes == 0 { whole = part } else { whole.writeImmutableBuffer(part) }
    }
    if let announcedBytes, announcedBytes != whole.readableBytes { throw .cutOff }
    return whole
  }
}

extension RequestBody.AsyncIterator {
  @concurrent
  mutating func nextPart() async throws(Problem) -> ByteBuffer? {
    do { return try await next() } catch { throw .cutOff }
  }
}

extension Problem {
  static func tooLarge(limit: Int) -> Problem {
    Problem(.tooLarge, "a body may have at most \(limit) bytes here")
  }

  /// The connection ended, or what came was not HTTP any more.
  static let cutOff = Problem(.malformed, "the body ended before it was complete")
}
