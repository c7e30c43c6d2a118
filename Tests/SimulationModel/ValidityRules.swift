/// What is refused, and that nothing else is.
struct ValidityRules {
  /// contract: "one that lies more than 5 minutes ahead is refused"
  static let ahead: Int64 = 5 * 60_000

  let history: History

  func violations() -> [Violation] {
    failures() + causeless() + verdicts()
  }

  /// What was asked in fair weather of a process that stays and was answered with 5xx.
  private func failures() -> [Violation] {
    var isFair = false
    var asked: Set<Int> = []
    return history.observations.enumerated().compactMap { index, observation in
      switch observation.what {
      case .weather(let fair): isFair = fair
      case .stopping, .stopped, .crashed: isFair = false
      case .asked(let number, _) where isFair: asked.insert(number)
      case .answered(let number, .problem(let status, let code))
      where status >= 500 && isFair && asked.contains(number):
        return history.violation(.fairWeatherAnswers, index, "request \(number) was answered \(status) \(code)")
      default: break
      }
      return nil
    }
  }

  /// What was answered with 5xx while nothing was the matter: 500 is for a disk that failed meanwhile; 503 may be for one
  /// that failed before, which the process does not outlive for long, or for a process that is about to end.
  private func causeless() -> [Violation] {
    var isHurt = false
    var failedAt = -1
    return history.observations.enumerated().compactMap { index, observation in
      switch observation.what {
      case .started: isHurt = false
      case .stopping: isHurt = true
      case .diskFailed: (isHurt, failedAt) = (true, index)
      case .answered(let number, .problem(let status, let code)) where status >= 500:
        let asked = history.exchanges[number]?.asked ?? index
        if failedAt > asked || (status == 503 && isHurt) { return nil }
        return history.violation(
          .failuresHaveCauses, index, "request \(number) was answered \(status) \(code), and nothing had failed")
      default: break
      }
      return nil
    }
  }

  private func verdicts() -> [Violation] {
    history.exchanges.sorted { $0.key < $1.key }.compactMap { _, exchange in
      guard let answered = exchange.answered, let answer = exchange.answer else { return nil }
      let now = history.wall(from: exchange.asked, to: answered)
      switch exchange.request {
      case .checkout(let event): return single(verdict(event.isInvalid, event.occurredAt, now), answer, answered)
      case .order(let event): return single(verdict(event.isInvalid, event.occurredAt, now), answer, answered)
      case .events(let lines): return many(lines.map { verdict($0, now) }, answer, answered)
      default: return nil
      }
    }
  }

  private func verdict(_ line: Line, _ now: Span) -> Certainty {
    switch line {
    case .checkout(let event): verdict(event.isInvalid, event.occurredAt, now)
    case .order(let event): verdict(event.isInvalid, event.occurredAt, now)
    case .invalid: .no
    }
  }

  /// Whether it may be taken.
  private func verdict(_ isInvalid: Bool, _ occurredAt: Int64?, _ now: Span) -> Certainty {
    if isInvalid { return .no }
    guard let occurredAt else { return .yes }
    if occurredAt > now.high + Self.ahead { return .no }
    return occurredAt > now.low + Self.ahead ? .maybe : .yes
  }

  private func single(_ verdict: Certainty, _ answer: Answer, _ index: Int) -> Violation? {
    var isTaken = true
    if case .problem(let status, _) = answer {
      if status >= 500 { return nil }
      isTaken = false
    }
    if verdict == .maybe || (verdict == .yes) == isTaken { return nil }
    return history.violation(
      .badEventsAreRefused, index, isTaken ? "an invalid event was taken" : "a valid event was refused: \(answer)")
  }

  private func many(_ verdicts: [Certainty], _ answer: Answer, _ index: Int) -> Violation? {
    guard case .events(let accepted, let rejected) = answer else { return nil }
    let wrong = verdicts.enumerated().first { position, verdict in
      verdict != .maybe && (verdict == .no) != rejected.contains(position + 1)
    }
    if wrong == nil && accepted + rejected.count == verdicts.count { return nil }
    return history.violation(
      .badEventsAreRefused, index,
      "of \(verdicts.count) lines \(accepted) were taken and \(rejected) refused; wrong is line \((wrong?.offset ?? -1) + 1)"
    )
  }
}
