import NudgeDomain

/// Keeps hand-overs below a rate: never more of them than that in any one-second window. A value; it is told the time.
struct Pace: Hashable, Sendable {
  static let window = Duration.seconds(1)
  /// How long the half rate holds after the server found us too fast. Then it is doubled, until it is whole again.
  static let slowdown = Duration.seconds(30)
  /// Complaints within this time are about one burst.
  static let burst = Duration.seconds(1)

  private struct Beat: Hashable {
    var at: Moment
    var count: Int
  }

  private struct Slowdown: Hashable {
    var limit: Int
    var since: Moment
  }

  /// Messages per second; 0 is no limit.
  let rate: Int
  private var recent: [Beat] = []
  private var slow: Slowdown?

  init(rate: Int) {
    self.rate = rate
  }

  /// How many may go out at `now`.
  mutating func allowance(now: Moment) -> Int {
    settle(now)
    guard let limit else { return .max }
    return max(0, limit - taken)
  }

  /// Counts `count` hand-overs at `now`.
  mutating func take(_ count: Int, now: Moment) {
    settle(now)
    guard count > 0 else { return }
    if recent.last?.at == now {
      recent[recent.count - 1].count += count
    } else {
      recent.append(Beat(at: now, count: count))
    }
  }

  /// When there is room for one more; in the past if there is room already.
  func roomAgain() -> Moment {
    var room = (limit ?? .max) - taken
    for beat in recent where room <= 0 {
      room += beat.count
      if room > 0 { return beat.at.advanced(by: Self.window) }
    }
    return Moment(milliseconds: .min)
  }

  /// The server found us too fast: half the rate for a while; without a limit, half of what went out in the last second.
  mutating func throttle(now: Moment) {
    settle(now)
    if let slow, now.since(slow.since) < Self.burst { return }
    slow = Slowdown(limit: max(1, (limit ?? taken) / 2), since: now)
  }

  /// What holds now; nil is no limit.
  private var limit: Int? { slow?.limit ?? (rate == 0 ? nil : rate) }

  private var taken: Int { recent.reduce(0) { $0 + $1.count } }

  /// Forgets what is older than the window, and recovers. After the clock was set back, all counts as just now.
  private mutating func settle(_ now: Moment) {
    if let last = recent.last, last.at > now { recent = [Beat(at: now, count: taken)] }
    recent.removeAll { now.since($0.at) >= Self.window }
    while let current = slow, now.since(current.since) >= Self.slowdown {
      let (doubled, overflow) = current.limit.multipliedReportingOverflow(by: 2)
      let isWhole = overflow || doubled >= (rate == 0 ? Self.fastest : rate)
      slow = isWhole ? nil : Slowdown(limit: doubled, since: current.since.advanced(by: Self.slowdown))
    }
  }

  /// A slowed rate without a configured limit is given free above this.
  private static let fastest = 10_000
}
