/// Judges a world that has come to its end: what nudged has written down, against what those outside saw.
///
/// It imports nothing of nudged and says each rule in its own words, so that a wrong rule inside cannot excuse itself.
struct Judge: Sendable {
  struct Shop: Sendable {
    /// Milliseconds from a checkout to each of its reminders.
    var schedule: [Int64]
    /// Whether an order message of unknown fate may go out again by itself.
    var resendsUnknown: Bool
  }

  struct Finding: Sendable, CustomStringConvertible {
    var rule: String
    var what: String
    var description: String { "\(rule): \(what)" }
  }

  let evidence: Evidence
  let ledger: Ledger
  /// Hand-overs that may begin in any second.
  let rate: Int
  /// Hand-overs that a message may cost.
  let attempts: Int
  let shops: [String: Shop]

  let messages: [Int64: Ledger.Message]
  let attemptsByID: [Int64: Ledger.Attempt]
  let attemptsByMessage: [Int64: [Ledger.Attempt]]
  /// In the order of their coming. Those that name no message of ours are under 0.
  let arrivals: [Int64: [Evidence.Arrival]]
  let arrivalByAttempt: [Int64: Evidence.Arrival]

  init(_ evidence: Evidence, _ ledger: Ledger, rate: Int, attempts: Int, shops: [String: Shop]) {
    self.evidence = evidence
    self.ledger = ledger
    self.rate = rate
    self.attempts = attempts
    self.shops = shops
    messages = Dictionary(ledger.messages.map { ($0.id, $0) }) { first, _ in first }
    attemptsByID = Dictionary(ledger.attempts.map { ($0.id, $0) }) { first, _ in first }
    attemptsByMessage = Dictionary(grouping: ledger.attempts, by: \.message)
    arrivals = Dictionary(grouping: evidence.arrivals) { Self.message($0) ?? 0 }
    arrivalByAttempt = Dictionary(
      evidence.arrivals.compactMap { arrival in Self.attempt(arrival).map { ($0, arrival) } }
    ) { _, last in last }
  }

  /// The message of `<m17.instance@shop>`.
  static func message(_ arrival: Evidence.Arrival) -> Int64? {
    number(after: "<m", in: arrival.messageID, until: ".")
  }

  /// The ledger row of `a-17-instance`.
  static func attempt(_ arrival: Evidence.Arrival) -> Int64? {
    number(after: "a-", in: arrival.attempt, until: "-")
  }

  private static func number(after prefix: String, in text: String, until end: Character) -> Int64? {
    guard text.hasPrefix(prefix) else { return nil }
    return Int64(text.dropFirst(prefix.count).prefix { $0 != end })
  }

  /// Everything that is wrong.
  var findings: [Finding] {
    let all: [(String, [String])] = [
      ("every message in exactly one final state", unfinished),
      ("every hand-over has its row in the ledger", strangers),
      ("one Message-ID for all hand-overs of a message, one attempt id for each", names),
      ("what the server did is what the ledger says", outcomes),
      ("none sent twice", twice),
      ("none lost", lost),
      ("every checkout has its reminders, every order its message", unplanned),
      ("no attempt costs what the account is to blame for", burnt),
      ("never above the rate in any second", bursts),
      ("an order wins", afterOrder),
      ("never early", early),
    ]
    return all.flatMap { rule, whats in whats.map { Finding(rule: rule, what: $0) } }
  }
}

extension Judge {
  private static let final: Set = ["sent", "dead", "unknown", "cancelled", "skipped"]

  var unfinished: [String] {
    ledger.messages.filter { !Self.final.contains($0.state) || $0.settled == nil }.map { "m\($0.id) is \($0.state)" }
      + ledger.attempts.filter { $0.outcome == nil || $0.settled == nil }.map { "attempt \($0.id) is open" }
      + ledger.messages.compactMap { message in
        let last = attemptsByMessage[message.id]?.last?.outcome
        let isRight =
          switch message.state {
          case "sent": last == "accepted"
          case "unknown": last == "unknown"
          case "dead": message.reason == "refused" ? last == "refused" : last != "accepted"
          default: last != "accepted"
          }
        return isRight ? nil : "m\(message.id) is \(message.state), its last hand-over \(last ?? "none")"
      }
  }

  var strangers: [String] {
    evidence.arrivals.compactMap { arrival in
      guard let message = Self.message(arrival), let attempt = Self.attempt(arrival),
        let row = attemptsByID[attempt], row.message == message
      else { return "\(arrival.messageID) came as \(arrival.attempt)" }
      return row.started <= arrival.at ? nil : "attempt \(attempt) came before its row"
    }
  }

  var names: [String] {
    let ids = arrivals.values.compactMap { all in
      Set(all.map(\.messageID)).count == 1 ? nil : "\(all[0].messageID) has other names"
    }
    let attempts = Dictionary(grouping: evidence.arrivals, by: \.attempt).values.compactMap { all in
      // A client that mends its credentials may come back with the same hand-over: nothing was taken before.
      all.dropLast().allSatisfy { $0.verdict == .account } ? nil : "\(all[0].attempt) came \(all.count) times"
    }
    return ids + attempts
  }

  /// What the ledger may say about a mail that met that verdict.
  private static let words: [Evidence.Verdict: String] = [
    .taken: "accepted", .takenInSilence: "unknown", .droppedInSilence: "unknown", .throttled: "deferred",
    .account: "deferred", .refused: "refused", .later: "deferred",
  ]

  var outcomes: [String] {
    evidence.arrivals.compactMap { arrival in
      guard let attempt = Self.attempt(arrival).flatMap({ attemptsByID[$0] }), let outcome = attempt.outcome,
        outcome != Self.words[arrival.verdict], !(outcome == "unknown" && isExcused(arrival, attempt))
      else { return nil }
      return "\(arrival.fault) is \(outcome) for attempt \(attempt.id)"
    }
  }

  /// True if the answer cannot have been heard: nudged crashed, or the machine was too slow for the client's patience.
  private func isExcused(_ arrival: Evidence.Arrival, _ attempt: Ledger.Attempt) -> Bool {
    evidence.crashes.contains { $0.seq > arrival.seq && $0.at == arrival.at }
      || attempt.error?.lowercased().contains("deadline") == true
  }

  var twice: [String] {
    arrivals.flatMap { message, all in
      zip(all, all.dropFirst()).compactMap { first, second in
        let outcome = Self.attempt(first).flatMap { attemptsByID[$0]?.outcome }
        if outcome == "deferred" { return nil }
        let isDecided = evidence.retries.contains {
          $0.message == message && $0.seq > first.seq && $0.seq < second.seq
        }
        if isDecided && outcome != "accepted" { return nil }
        return outcome == "unknown" && isResent(message) ? nil : "\(second.messageID) after \(outcome ?? "nothing")"
      }
    }
  }

  private func isResent(_ message: Int64) -> Bool {
    guard let message = messages[message], !message.isReminder else { return false }
    return shops[message.shop]?.resendsUnknown == true
  }

  var lost: [String] {
    let taken = evidence.arrivals.filter(\.isAccepted).compactMap { arrival -> String? in
      let outcome = Self.attempt(arrival).flatMap { attemptsByID[$0]?.outcome }
      return outcome == "accepted" || outcome == "unknown" ? nil : "\(arrival.messageID) was taken: \(outcome ?? "-")"
    }
    let sent = ledger.messages.filter { $0.state == "sent" }.compactMap { message -> String? in
      let attempt = attemptsByMessage[message.id]?.last
      let arrival = attempt.flatMap { arrivalByAttempt[$0.id] }
      let isTaken = arrival?.isAccepted == true && arrival?.providerID == attempt?.providerID
      return isTaken ? nil : "m\(message.id) is sent, and the server does not have it"
    }
    return taken + sent
  }
}
