/// What the wall clock showed at most and at least between any two observations, found at once: a sparse table.
struct WallTable {
  /// `levels[k][i]` covers `1 << k` observations from `i` on.
  private var levels: [[Span]]

  init(_ observations: [Observation]) {
    // While a jump ahead is doubted, time may go on as if nobody had set the clock: both readings are possible.
    var belief = observations.first.map { $0.at.wall - $0.at.uptime } ?? 0
    var level = observations.map { observation in
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

extension Sight {
  fileprivate var acceptsClock: Bool {
    if case .asked(_, .acceptClock) = self { true } else { false }
  }
}
