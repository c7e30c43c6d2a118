/// What holds for each message and its hand-overs: design P3 and the section "What each answer means" of docs/mail.md.
struct LedgerRules {
  let history: History

  func violations() -> [Violation] {
    var found = identities()
    for (message, numbers) in history.calls.sorted(by: { $0.key < $1.key }) {
      let journeys = numbers.compactMap { history.journeys[$0] }
      found += rows(journeys)
      found += order(of: journeys, message: message)
      found += bounds(journeys, message: message)
    }
    return found
  }

  /// One row for each hand-over, committed before; one Message-ID for each message.
  private func identities() -> [Violation] {
    var found: [Violation] = []
    var owners: [String: String] = [:]
    var ids: [String: String] = [:]
    var used: Set<String> = []
    for journey in history.journeys.values.sorted(by: { $0.began < $1.began }) {
      let mail = journey.handOver
      if !mail.isInLedger {
        found.append(
          history.violation(
            .ledgerComesFirst, journey.began, "\(mail.message) went out without its row \(mail.attempt)"))
      }
      if isImpossible(mail, journey.began) {
        found.append(
          history.violation(.templatesFailAlone, journey.began, "\(mail.message) went out, and its template fails"))
      }
      if !used.insert(mail.attempt).inserted {
        found.append(history.violation(.ledgerComesFirst, journey.began, "\(mail.attempt) stands for two hand-overs"))
      }
      if let owner = owners[mail.messageID], owner != mail.message {
        found.append(
          history.violation(.messageIDIsKept, journey.began, "\(owner) and \(mail.message) have the same Message-ID"))
      }
      owners[mail.messageID] = mail.message
      if let id = ids[mail.message], id != mail.messageID {
        found.append(history.violation(.messageIDIsKept, journey.began, "\(mail.message) got another Message-ID"))
      }
      ids[mail.message] = mail.messageID
    }
    return found
  }

  /// Whether none of the templates in force around the claim can make it.
  private func isImpossible(_ mail: HandOver, _ began: Int) -> Bool {
    var first = history.claims[mail.attempt] ?? began
    let start = history.observations[first].at.elapsed - history.tolerances.reading
    while first > 0, history.observations[first].at.elapsed > start { first -= 1 }
    return history.settings(from: first, to: began).allSatisfy { $0.policy(of: mail.shop).failing.contains(mail.kind) }
  }

  /// The ledger's word is what the server said, or `unknown` if nudged died before it could write that down.
  private func rows(_ journeys: [History.Journey]) -> [Violation] {
    journeys.compactMap { journey in
      guard let outcome = history.outcomes[journey.handOver.attempt] else { return nil }
      let told = journey.verdict.map(Self.word) ?? "unknown"
      if outcome == told || (outcome == "unknown" && journey.died != nil) { return nil }
      return history.violation(
        .ledgerTellsTheTruth, journey.ended ?? journey.began,
        "the server's answer to \(journey.handOver.attempt) was \(told), and the ledger says \(outcome)")
    }
  }

  private static func word(_ verdict: Verdict) -> String {
    switch verdict {
    case .accepted: "accepted"
    case .deferred, .throttled, .held: "deferred"
    case .refused: "refused"
    case .unknown: "unknown"
    }
  }

  /// A message is handed over again only for a reason.
  private func order(of journeys: [History.Journey], message: String) -> [Violation] {
    zip(journeys, journeys.dropFirst()).compactMap { earlier, later in
      let mail = later.handOver
      let end = [earlier.ended, earlier.died].compactMap(\.self).min() ?? Int.max
      guard end < later.began else {
        return history.violation(.callsAreCounted, later.began, "\(message) is handed over while it is handed over")
      }
      if mayCallAgain(after: earlier, later) { return backoff(earlier, later, in: journeys) }
      let rule: Rule = earlier.taken != nil ? .neverTwice : .callsAreCounted
      let answer = earlier.verdict?.rawValue ?? "unknown"
      return history.violation(
        rule, later.began,
        "\(message) (\(mail.kind.rawValue)) was handed over as \(mail.attempt) after \(earlier.handOver.attempt): \(answer)"
      )
    }
  }

  private func mayCallAgain(after earlier: History.Journey, _ later: History.Journey) -> Bool {
    let mail = later.handOver
    let word = history.outcomes[earlier.handOver.attempt]
    let wasRetried = history.wasRetried(mail.message, after: earlier.began, before: later.began)
    let isResent =
      mail.kind == .order
      && history.settings(from: earlier.began, to: later.began).contains {
        $0.policy(of: mail.shop).resendsUnknownOrderMessage
      }
    let isUnknown = isResent || wasRetried
    // What a crash may have kept from the ledger counts as unknown, unless the ledger says better.
    let isForgotten = earlier.died.map { $0 < later.began } == true && (word == nil || word == "unknown")
    switch earlier.verdict {
    case .deferred, .throttled, .held: return !isForgotten || isUnknown || word != "unknown"
    case .refused: return wasRetried || (isForgotten && isUnknown)
    case .accepted: return isForgotten && isUnknown
    case .unknown, nil: return isUnknown
    }
  }

  /// The wait before the next hand-over of a message that was deferred for its own sake, by uptime.
  private func backoff(
    _ earlier: History.Journey, _ later: History.Journey, in journeys: [History.Journey]
  ) -> Violation? {
    guard earlier.verdict == .deferred, let ended = earlier.ended, earlier.died == nil,
      !history.wasRetried(later.handOver.message, after: earlier.began, before: later.began)
    else { return nil }
    let settings = history.settings(from: ended, to: later.began)
    let least = settings.map(\.firstWait).min() ?? 0
    let waited = history.observations[later.began].at.uptime - history.observations[ended].at.uptime
    guard waited < least * history.tolerances.jitter / 100 else { return nil }
    return history.violation(
      .backoffIsKept, later.began, "\(later.handOver.message) was deferred and went out again after \(waited) ms")
  }

  /// Those that cost an attempt are at most as many as the configuration allows, since the last retry; and a message that
  /// was given up for them had as many.
  private func bounds(_ journeys: [History.Journey], message: String) -> [Violation] {
    guard let first = journeys.first, let last = journeys.last else { return [] }
    let settings = history.settings(from: first.began, to: last.began)
    let most = settings.map(\.attempts).max() ?? 0
    let end = history.observations.count
    if !history.wasRetried(message, before: end) {
      // The one that is in excess comes after all the others had been charged.
      let charged = journeys.dropLast().filter { $0.verdict == .deferred && $0.died == nil }
      if charged.count >= most {
        return [
          history.violation(
            .attemptsAreBounded, last.began,
            "\(message) was handed over \(charged.count + 1) times, \(most) are allowed")
        ]
      }
    }
    let least = settings.map(\.attempts).min() ?? 0
    guard let row = history.messages[message], row.reason == "attempts_exhausted", row.attempts.count < least else {
      return []
    }
    return [
      history.violation(
        .attemptsAreBounded, last.began, "\(message) was given up after \(row.attempts.count) attempts of \(least)")
    ]
  }
}
