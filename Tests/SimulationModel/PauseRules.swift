/// Nothing is handed over while sending is paused: from the answer to a pause until somebody asks to resume, restarts
/// included.
struct PauseRules {
  let history: History

  /// What sending may be, seen from outside.
  private struct Possible {
    var isPaused = false
    var isRunning = true
  }

  func violations() -> [Violation] {
    var found: [Violation] = []
    var possible = Possible()
    var pending: [Int: Bool] = [:]
    for (index, observation) in history.observations.enumerated() {
      switch observation.what {
      case .asked(let number, .pause):
        possible.isPaused = true
        pending[number] = true
      case .asked(let number, .resume):
        possible.isRunning = true
        pending[number] = false
      case .answered(let number, let answer):
        guard let pauses = pending.removeValue(forKey: number) else { continue }
        settle(&possible, pauses: pauses, answer: answer, pending: pending)
      case .crashed, .stopped: pending.removeAll()
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

  /// The answer tells how it is now, unless somebody else asks at the same time. After 5xx nobody knows.
  private func settle(_ possible: inout Possible, pauses: Bool, answer: Answer, pending: [Int: Bool]) {
    if case .problem(let status, _) = answer, status >= 500 { return }
    possible.isPaused = pauses || pending.values.contains(true)
    possible.isRunning = !pauses || pending.values.contains(false)
  }
}
