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
  let who: Operator?
  /// How far the wall clock is ahead of `now`: zero unless it is doubted.
  let ahead: Duration
  private let capacity: Capacity
  /// The memory that the body takes up.
  private let share: Share

  init(request: Request, id: String, query: Query, now: Moment, who: Operator?, ahead: Duration, capacity: Capacity) {
    self.request = request
    self.id = id
    self.query = query
    self.now = now
    self.who = who
    self.ahead = ahead
    self.capacity = capacity
    share = Share(of: capacity.bodies)
  }

  var heard: Hearing { Hearing(now: now, ahead: ahead) }
  var timestamp: Timestamp { Timestamp(now) }
}

// MARK: - Body

extension Call {
  static let jsonMediaType = "application/json"

  /// What the body says: JSON of at most one event's size, read by `understand`.
  func reading<T>(_ understand: (JSON) throws(Problem) -> T) async throws(Problem) -> T {
    try request.requireMediaType(Self.jsonMediaType)
    let body = try await request.collectBody(limit: Limits.eventBytes, share)
    guard body.readableBytes > Capacity.ordinary else { return try Self.read(body, understand) }
    return try await capacity.reading.take { () throws(Problem) in try Self.read(body, understand) }
  }

  static func read<T>(_ body: ByteBuffer, _ understand: (JSON) throws(Problem) -> T) throws(Problem) -> T {
    let json: JSON
    do { json = try JSON(parsing: body) } catch { throw Problem(malformed: error) }
    return try understand(json)
  }
}

/// What a body is, as a header says it.
enum MediaType {
  /// True if it is `wanted`, in whatever case, and with whatever parameters.
  static func `is`(_ said: String, _ wanted: String) -> Bool {
    said == wanted || said.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace } == wanted
  }
}

extension Request {
  /// What the client says the size of the body is; nil if it comes in chunks.
  var announcedBytes: Int? { headers[.contentLength].flatMap { Int($0) } }

  func requireMediaType(_ wanted: String) throws(Problem) {
    let said = headers[.contentType]
    if let said, MediaType.is(said, wanted) { return }
    throw Problem(.unsupportedMediaType, "send this with Content-Type: \(wanted), not \(said ?? "without one")")
  }

  func requireBodyWithin(_ limit: Int) throws(Problem) {
    if let announcedBytes, announcedBytes > limit { throw .tooLarge(limit: limit) }
  }

  /// The whole body. A larger one is refused before it is read if the client says its size, else as soon as it shows.
  ///
  /// - Parameter share: pays for it.
  func collectBody(limit: Int, _ share: Share) async throws(Problem) -> ByteBuffer {
    try requireBodyWithin(limit)
    var whole = ByteBuffer()
    var parts = body.makeAsyncIterator()
    while let part = try await parts.nextPart() {
      guard whole.readableBytes + part.readableBytes <= limit else { throw .tooLarge(limit: limit) }
      guard share.take(part.readableBytes) else { throw .crowded }
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

  static let crowded = Problem(.overloaded, "other large bodies are on their way; try again shortly")

  /// The connection ended, or what came was not HTTP any more.
  static let cutOff = Problem(.malformed, "the body ended before it was complete")
}
