/// How fast, and how many at the same time: `sender.rate` and `sender.max_in_flight`.
struct PaceRules {
  let history: History

  func violations() -> [Violation] {
    rate() + day() + inFlight()
  }

  /// In any window of one second of true time begin at most as many hand-overs as the highest rate in force allows. A
  /// rate below one is one mail in a longer window.
  private func rate() -> [Violation] {
    let begins = history.journeys.values.map(\.began).sorted()
    var first = 0
    for (position, begin) in begins.enumerated() {
      let now = history.observations[begin].at.elapsed
      let rates = history.settings(from: begins[first], to: begin).map(\.rate)
      if rates.contains(0) { continue }
      guard let rate = rates.max() else { continue }
      let window = rate < 1 ? Int64(1_000 / rate) : 1_000
      let most = max(1, Int(rate))
      while history.observations[begins[first]].at.elapsed <= now - window { first += 1 }
      let count = position - first + 1
      if count > most {
        return [
          history.violation(.rateIsKept, begin, "\(count) hand-overs began within \(window) ms, \(most) are allowed")
        ]
      }
    }
    return []
  }

  /// What goes out after the server has said how much it takes in a day, until it says so again or the process ends.
  private func day() -> [Violation] {
    var room = Int.max
    var toldAt: Int64 = 0
    for (index, observation) in history.observations.enumerated() {
      switch observation.what {
      case .started: room = .max
      case .quotaTold(let perDay, let sent):
        room = perDay.map { max(0, $0 * 9 / 10 - sent) } ?? .max
        toldAt = observation.at.elapsed
      case .handOverBegan where history.settings(from: index, to: index).contains { !$0.isAuto }: room = .max
      case .handOverBegan(let mail) where observation.at.elapsed > toldAt && room < .max:
        room -= 1
        guard room < 0 else { continue }
        return [history.violation(.dayIsKept, index, "\(mail.message) is beyond nine tenths of the day's quota")]
      default: break
      }
    }
    return []
  }

  private func inFlight() -> [Violation] {
    var flying = 0
    var living: Set<Int> = []
    for (index, observation) in history.observations.enumerated() {
      switch observation.what {
      case .handOverBegan(let handOver):
        living.insert(handOver.number)
        flying = living.count
        // What was claimed before a reload goes out after it.
        let first = min(history.claims[handOver.attempt] ?? index, max(0, index - 1))
        let most = history.settings(from: first, to: index).map(\.maxInFlight).max() ?? 0
        if flying > most {
          return [
            history.violation(.maxInFlightIsKept, index, "\(flying) hand-overs at the same time, \(most) are allowed")
          ]
        }
      case .handOverEnded(let number, _): living.remove(number)
      case .crashed, .stopped: living.removeAll()
      default: break
      }
    }
    return []
  }
}
