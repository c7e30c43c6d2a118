/// Nothing is handed over while sending is paused: from the answer to a pause until somebody asks to resume, restarts
/// included.
struct PauseRules {
  let history: History

  /// What sending may be, seen from outside. Requests that meet may have been done in either order, so that the last of
  /// them may be any.
  private struct Possible {
    private struct Deed {
      var number: Int
      var pauses: Bool
      var asked: Int
      /// When it was done, or could not be done any more.
      var over: Int?
    }

    /// Each of those that may have been the last.
    private var last = [Deed(number: -1, pauses: false, asked: -1, over: -1)]

    var isPaused: Bool { last.contains { $0.pauses } }
    var isRunning: Bool { last.contains { !$0.pauses } }

    mutating func asked(_ number: Int, pauses: Bool, _ index: Int) {
      last.append(Deed(number: number, pauses: pauses, asked: index))
    }

    mutating func answered(_ number: Int, _ answer: Answer, _ index: Int) {
      guard let position = last.firstIndex(where: { $0.number == number }) else { return }
      last[position].over = index
      guard case .problem(let status, _) = answer else {
        let asked = last[position].asked
        return last.removeAll { ($0.over ?? .max) < asked }
      }
      if status < 500 { last.remove(at: position) }  // after 5xx nobody knows
    }

    /// What was not answered may have been done, or not.
    mutating func ended(_ index: Int) {
      for position in last.indices { last[position].over = last[position].over ?? index }
    }
  }

  func violations() -> [Violation] {
    var found: [Violation] = []
    var possible = Possible()
    for (index, observation) in history.observations.enumerated() {
      switch observation.what {
      case .asked(let number, .pause): possible.asked(number, pauses: true, index)
      case .asked(let number, .resume): possible.asked(number, pauses: false, index)
      case .answered(let number, let answer): possible.answered(number, answer, index)
      case .crashed, .stopped: possible.ended(index)
      case .claimed(let row) where !possible.isRunning:
        found.append(history.violation(.pauseIsKept, index, "\(row.message) was claimed while sending was paused"))
      case .handOverBegan(let mail) where !possible.isRunning && history.claims[mail.attempt] == nil:
        found.append(history.violation(.pauseIsKept, index, "\(mail.message) was handed over while sending was paused"))
      case .snapshot(let snapshot):
        if let status = snapshot.status, status.isPaused ? !possible.isPaused : !possible.isRunning {
          found.append(history.violation(.pauseIsKept, index, "status says that paused is \(status.isPaused)"))
        }
      default: break
      }
    }
    return found
  }
}
