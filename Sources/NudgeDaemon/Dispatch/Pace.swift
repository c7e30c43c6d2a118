import NudgeDomain

/// Keeps hand-overs below a rate: never more of them than that in any one-second window. A value; it is told the time.
///
/// It is a sliding window rather than a token bucket, because a bucket that has filled up lets twice its rate through
/// within one second, and a provider counts that second. A rate below one a second has a window of its own, of one
/// hand-over; a fraction above one is rounded down.
struct Pace: Hashable, Sendable {
  static let window = Duration.seconds(1)
  /// How long the half rate holds after the server found us too fast. Then it is doubled, until it is whole again.
  static let slowdown = Duration.seconds(30)
  /// Complaints within this time are about one burst.
  static let burst = Duration.seconds(1)
  /// The longest window: no rate is slower than one hand-over in it.
  static let longestWindow = Duration.seconds(10)
  /// That rate, in hand-overs per second.
  private static let slowest = 0.1
  /// A slowed rate without a configured limit is given free above this, in hand-overs per second.
  private static let fastest = 10_000.0

  private struct Beat: Hashable {
    var at: Uptime
    var count: Int
  }

  private struct Slowdown: Hashable {
    var perSecond: Double
    var since: Uptime
  }

  /// Messages per second; nil is no limit.
  private(set) var perSecond: Double?
  private var recent: [Beat] = []
  private var slow: Slowdown?

  init(perSecond: Double?) {
    self.perSecond = perSecond
  }

  /// - Parameter rate: messages per second; 0 is no limit.
  init(rate: Int) {
    self.init(perSecond: rate == 0 ? nil : Double(rate))
  }

  /// What holds now, in messages per second; nil is no limit.
  var inForce: Double? {
    guard let slow else { return perSecond }
    return min(slow.perSecond, perSecond ?? slow.perSecond)
  }

  /// Another rate from now on. What has gone out counts against it.
  mutating func change(to perSecond: Double?) { self.perSecond = perSecond }

  /// How many may go out at `now`.
  mutating func allowance(now: Uptime) -> Int {
    settle(now)
    guard let limit else { return .max }
    return max(0, limit - taken)
  }

  /// Counts `count` hand-overs at `now`.
  mutating func take(_ count: Int, now: Uptime) {
    settle(now)
    guard count > 0 else { return }
    if let last = recent.last, last.at >= now {  // whoever asked first may be the second to take
      recent[recent.count - 1].count += count
    } else {
      recent.append(Beat(at: now, count: count))
    }
  }

  /// When there is room for one more; in the past if there is room already.
  func roomAgain() -> Uptime {
    var room = (limit ?? .max) - taken
    for beat in recent where room <= 0 {
      room += beat.count
      if room > 0 { return beat.at.advanced(by: window) }
    }
    return Uptime(milliseconds: .min)
  }

  /// The server found us too fast: half the rate for a while; without a limit, half of what went out in the last second.
  mutating func throttle(now: Uptime) {
    settle(now)
    if let slow, now.since(slow.since) < Self.burst { return }
    let half = max(Self.slowest, (inForce ?? Double(max(taken, 2))) / 2)
    slow = Slowdown(perSecond: half, since: now)
  }

  /// How many fit into a window; nil is no limit.
  private var limit: Int? { inForce.map { max(1, Int($0)) } }

  /// Longer than a second only for a rate that lets less than one through in a second.
  private var window: Duration {
    guard let inForce, inForce < 1 else { return Self.window }
    let milliseconds = (Double(Self.window.milliseconds) / max(inForce, Self.slowest)).rounded(.up)
    return min(.milliseconds(Int64(milliseconds)), Self.longestWindow)
  }

  private var taken: Int { recent.reduce(0) { $0 + $1.count } }

  /// Forgets what is older than the window, and recovers.
  private mutating func settle(_ now: Uptime) {
    while let current = slow, now.since(current.since) >= Self.slowdown {
      let doubled = current.perSecond * 2
      let isWhole = doubled >= (perSecond ?? Self.fastest)
      slow = isWhole ? nil : Slowdown(perSecond: doubled, since: current.since.advanced(by: Self.slowdown))
    }
    let window = window
    recent.removeAll { now.since($0.at) >= window }
  }
}
