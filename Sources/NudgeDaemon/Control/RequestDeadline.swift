import NIOCore

/// How long a client may take over one request, from its first byte to its end: decided here, executed by
/// `RequestDeadlineHandler`.
///
/// Instants are those of the connection's event loop. A request that is pipelined behind another one, in the same packet,
/// begins for the clock with its next packet; until then the bound on idle connections holds.
struct RequestDeadline: Hashable {
  enum Action: Hashable {
    case none
    case arm(at: NIODeadline)
    case close
  }

  private enum State: Hashable {
    /// Between two requests. Next: `reading`.
    case idle
    /// A request is on its way. Next: `idle`.
    case reading(until: NIODeadline, isStream: Bool)
  }

  let limit: TimeAmount
  private var state = State.idle
  private var isArmed = false
  /// The end of a request has been seen since the last packet began: what follows it in the packet is not counted.
  private var isReading = false

  init(limit: TimeAmount) {
    self.limit = limit
  }

  /// A packet arrived, whatever is in it.
  mutating func bytesArrived(now: NIODeadline) -> Action {
    isReading = false
    guard state == .idle else { return .none }
    return begin(isStream: false, now: now)
  }

  /// The head of a request is complete.
  ///
  /// - Parameter isStream: its body may take as long as it likes, as long as it keeps coming.
  mutating func headArrived(isStream: Bool, now: NIODeadline) -> Action {
    guard case .reading(let until, _) = state else { return begin(isStream: isStream, now: now) }
    state = .reading(until: isStream ? now + limit : until, isStream: isStream)
    return .none
  }

  mutating func bodyArrived(now: NIODeadline) {
    if case .reading(_, isStream: true) = state { state = .reading(until: now + limit, isStream: true) }
  }

  mutating func endArrived() {
    state = .idle
  }

  /// The request is answered before its end: what is left of it gains no more time.
  mutating func answered(now: NIODeadline) {
    if case .reading(_, isStream: true) = state { state = .reading(until: now + limit, isStream: false) }
  }

  /// Nudged wants more from the client; until it does, no client is slow.
  mutating func readBegan() {
    isReading = true
  }

  /// The timer that the last `arm` asked for has fired.
  mutating func timerFired(now: NIODeadline) -> Action {
    isArmed = false
    guard case .reading(let until, let isStream) = state else { return .none }
    if now < until { return arm(at: until) }
    if isReading { return .close }
    state = .reading(until: now + limit, isStream: isStream)
    return arm(at: now + limit)
  }

  private mutating func begin(isStream: Bool, now: NIODeadline) -> Action {
    state = .reading(until: now + limit, isStream: isStream)
    return arm(at: now + limit)
  }

  /// One timer serves many requests: it is not cancelled when one ends, it looks again when it fires.
  private mutating func arm(at deadline: NIODeadline) -> Action {
    guard !isArmed else { return .none }
    isArmed = true
    return .arm(at: deadline)
  }
}
