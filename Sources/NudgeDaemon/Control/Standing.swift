import NIOCore

/// What a connection waits for: whom to send away if there are too many. A value; instants are those of its event loop.
struct Standing: Hashable, Sendable {
  /// Requests that came whole and are not answered.
  private var unanswered = 0
  private var request = Part.none
  /// From when the client takes no more of its answer.
  private var stuckSince: NIODeadline?
  private var idleSince: NIODeadline
  /// The client has said something, be it the beginning of a request.
  private(set) var hasSpoken = false

  private enum Part: Hashable {
    case none
    case coming(since: NIODeadline)
    /// A stream, which may take as long as it likes.
    case streaming
    /// Answered before its end.
    case leftOver(since: NIODeadline)
  }

  enum Wait: Hashable {
    /// The client waits for nudged.
    case forNudged
    /// Nudged waits for the client's next request.
    case idle(since: NIODeadline)
    /// Nudged waits for the client to go on with what it has begun to say, or to read.
    case slow(since: NIODeadline)
  }

  init(now: NIODeadline) {
    idleSince = now
  }

  var wait: Wait {
    if let stuckSince { return .slow(since: stuckSince) }
    if unanswered > 0 { return .forNudged }
    switch request {
    case .none: return .idle(since: idleSince)
    case .coming(let since), .leftOver(let since): return .slow(since: since)
    case .streaming: return .forNudged
    }
  }

  /// More has come than the request that is under way.
  var isAhead: Bool { unanswered > 1 || (unanswered == 1 && request != .none) }

  mutating func bytesArrived(now: NIODeadline) {
    hasSpoken = true
    if request == .none { request = .coming(since: now) }
  }

  mutating func headArrived(isStream: Bool, now: NIODeadline) {
    request = isStream ? .streaming : .coming(since: now)
  }

  mutating func endArrived() {
    if case .leftOver = request {} else { unanswered += 1 }
    request = .none
  }

  /// The end of an answer is on its way.
  mutating func answered(now: NIODeadline) {
    idleSince = now
    if unanswered > 0 {
      unanswered -= 1
    } else if request != .none {
      request = .leftOver(since: now)
    }
  }

  mutating func writabilityChanged(_ isWritable: Bool, now: NIODeadline) {
    stuckSince = isWritable ? nil : now
  }
}
