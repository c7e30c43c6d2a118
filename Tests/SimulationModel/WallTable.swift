/// What the wall clock showed at most and at least between any two observations, found at once: a sparse table.
struct WallTable {
  /// `levels[k][i]` covers `1 << k` observations from `i` on.
  private var levels: [[Span]]
  /// Where the clock may be in doubt: it is further ahead of something that it showed before than is believed. What is
  /// written then is written in another time than the clock shows, and moves along when the doubt ends.
  private(set) var isLoose: [Bool]
  /// How far ahead of the uptime the clock was at least and at most.
  private(set) var offsets = Span(0)

  init(_ observations: [Observation]) {
    isLoose = Self.loose(observations)
    offsets = observations.first.map { Span($0.at.offset) } ?? Span(0)
    for observation in observations {
      offsets.include(observation.at.offset)
      // Before a step it may have drifted away from all that was seen.
      if case .clockStepped(let by) = observation.what { offsets.include(observation.at.offset - by) }
    }
    let (isLoose, offsets) = (isLoose, offsets)
    // While a jump ahead is doubted, time may go on as if nobody had set the clock: both readings are possible.
    var belief = observations.first.map { $0.at.wall - $0.at.uptime } ?? 0
    var level = observations.enumerated().map { index, observation in
      if isLoose[index] {
        return Span(observation.at.uptime + offsets.low, observation.at.uptime + offsets.high)
      }
      var span = Span(observation.at.wall)
      if case .clockStepped(let by) = observation.what { span.include(observation.at.wall - by) }
      let offset = observation.at.wall - observation.at.uptime
      if offset <= belief + Settings().jumpLimit || observation.what.acceptsClock { belief = offset }
      span.include(observation.at.uptime + belief)
      return span
    }
    levels = [level]
    var width = 1
    while width < level.count {
      level = (0..<(level.count - width)).map { Self.join(level[$0], level[$0 + width]) }
      levels.append(level)
      width *= 2
    }
  }

  private static func loose(_ observations: [Observation]) -> [Bool] {
    var lowest = observations.first?.at.offset ?? 0
    var asked: [Int: Int64] = [:]
    return observations.map { observation in
      let offset = observation.at.offset
      switch observation.what {
      case .clockStepped(let by): lowest = min(lowest, offset - by)
      case .asked(let number, .acceptClock): asked[number] = offset
      case .answered(let number, let answer):
        // If the clock was set between the two, nobody knows which one was accepted.
        if let before = asked[number], answer.isCertain { lowest = min(before, offset) }
      default: break
      }
      lowest = min(lowest, offset)
      return offset > lowest + Settings().jumpLimit
    }
  }

  subscript(first: Int, last: Int) -> Span {
    let count = last - first + 1
    var level = 0
    while 1 << (level + 1) <= count { level += 1 }
    return Self.join(levels[level][first], levels[level][last - (1 << level) + 1])
  }

  private static func join(_ one: Span, _ other: Span) -> Span {
    Span(min(one.low, other.low), max(one.high, other.high))
  }
}

extension Instant {
  /// How far the wall clock is ahead of the uptime.
  fileprivate var offset: Int64 { wall - uptime }
}

extension Answer {
  fileprivate var isCertain: Bool {
    if case .problem(let status, _) = self { status < 500 } else { true }
  }
}

extension Sight {
  fileprivate var acceptsClock: Bool {
    if case .asked(_, .acceptClock) = self { true } else { false }
  }
}
