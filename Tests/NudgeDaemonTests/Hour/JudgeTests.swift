import Testing

/// A judge that finds nothing wrong proves nothing, unless it finds what is.
@Suite("The judge of a world") struct JudgeTests {
  /// A reminder that the server took, an order that came later and was answered, and all is well.
  private static let honest = Case(
    evidence: Evidence(
      arrivals: [
        arrival(3, at: 1_800_000, message: 1, attempt: 1, provider: "p-1"),
        arrival(5, at: 1_900_000, message: 2, attempt: 2, provider: "p-2"),
      ],
      carts: [.init(shop: "s", id: "c", anchor: 0)],
      orders: [.init(seq: 4, at: 1_900_000, shop: "s", id: "o", closed: ["c"], inFlight: 0, isAnswered: true)]),
    ledger: Ledger(
      messages: [message(1, step: 1, due: 1_800_000), message(2, step: nil, due: 1_900_000)],
      attempts: [attempt(1, of: 1, at: 1_800_000), attempt(2, of: 2, at: 1_900_000)]))

  struct Case: Sendable {
    var evidence: Evidence
    var ledger: Ledger

    var rules: Set<String> {
      let shops = ["s": Judge.Shop(schedule: [1_800_000, 86_400_000], resendsUnknown: true)]
      return Set(Judge(evidence, ledger, rate: 2, attempts: 8, shops: shops).findings.map(\.rule))
    }
  }

  @Test("finds nothing where all is well")
  func honest() {
    #expect(Self.honest.rules.isEmpty, "\(Self.honest.rules)")
  }

  static let crimes: [(rule: String, commit: @Sendable (inout Case) -> Void)] = [
    ("every message in exactly one final state", { $0.ledger.messages[0].state = "scheduled" }),
    ("every message in exactly one final state", { $0.ledger.messages[0].state = "dead" }),
    ("every message in exactly one final state", { $0.ledger.attempts[1].outcome = nil }),
    ("every hand-over has its row in the ledger", { $0.evidence.arrivals[0].attempt = "a-9-i" }),
    ("every hand-over has its row in the ledger", { $0.ledger.attempts[0].started += 1 }),
    ("one Message-ID for all hand-overs of a message, one attempt id for each", { $0.repeatFirst(attempt: 1) }),
    ("what the server did is what the ledger says", { $0.evidence.arrivals[0].verdict = .takenInSilence }),
    ("what the server did is what the ledger says", { $0.evidence.arrivals[0].verdict = .throttled }),
    ("none sent twice", { $0.repeatFirst(attempt: 3) }),
    (
      "none sent twice",
      {
        $0.repeatFirst(attempt: 3)
        $0.ledger.attempts[0].outcome = "unknown"
        $0.evidence.arrivals[0].verdict = .droppedInSilence
      }
    ),
    ("none lost", { $0.ledger.attempts[0].outcome = "deferred" }),
    ("none lost", { $0.evidence.arrivals.removeFirst() }),
    ("none lost", { $0.ledger.attempts[0].providerID = "p-9" }),
    ("every checkout has its reminders, every order its message", { $0.ledger.messages.removeLast() }),
    ("every checkout has its reminders, every order its message", { $0.evidence.orders = [] }),
    ("no attempt costs what the account is to blame for", { $0.ledger.messages[0].attempts = 2 }),
    (
      "no attempt costs what the account is to blame for",
      {
        $0.evidence.arrivals[0].verdict = .account
        $0.ledger.attempts[0].outcome = "deferred"
      }
    ),
    (
      "never above the rate in any second",
      { for number in 3...4 { $0.repeatFirst(attempt: Int64(number), after: 499) } }
    ),
    ("an order wins", { $0.evidence.orders[0].seq = 2 }),
    ("never early", { $0.evidence.arrivals[0].at -= 1 }),
  ]

  @Test("finds each thing that can be wrong", arguments: crimes.indices)
  func finds(number: Int) {
    var scene = Self.honest
    Self.crimes[number].commit(&scene)
    #expect(scene.rules.contains(Self.crimes[number].rule), "\(scene.rules)")
  }

  @Test("a person's decision, a confessed reminder and a shop's policy excuse what they cover")
  func excuses() {
    var scene = Self.honest
    scene.repeatFirst(attempt: 3)
    scene.ledger.attempts[0].outcome = "unknown"
    scene.evidence.arrivals[0].verdict = .takenInSilence
    #expect(scene.rules.contains("none sent twice"))
    scene.evidence.retries = [.init(seq: 4, message: 1)]
    #expect(!scene.rules.contains("none sent twice"))

    scene = Self.honest
    scene.evidence.orders[0].seq = 2
    scene.evidence.orders[0].inFlight = 1
    #expect(scene.rules.isEmpty, "\(scene.rules)")
  }

  private static func arrival(
    _ seq: Int, at moment: Int64, message: Int64, attempt: Int64, provider: String
  ) -> Evidence.Arrival {
    Evidence.Arrival(
      seq: seq, at: moment, messageID: "<m\(message).i@s>", attempt: "a-\(attempt)-i", recipient: "c@s",
      verdict: .taken, fault: "taken", providerID: provider)
  }

  private static func message(_ id: Int64, step: Int?, due: Int64) -> Ledger.Message {
    Ledger.Message(
      id: id, shop: "s", checkout: "c", order: step == nil ? "o" : nil, step: step, generation: 1, state: "sent",
      reason: "sent", due: due, created: 0, settled: due, attempts: 1)
  }

  private static func attempt(_ id: Int64, of message: Int64, at moment: Int64) -> Ledger.Attempt {
    Ledger.Attempt(
      id: id, message: message, started: moment, settled: moment, outcome: "accepted", providerID: "p-\(id)")
  }
}

extension JudgeTests.Case {
  /// The first mail comes once more, some milliseconds later.
  fileprivate mutating func repeatFirst(attempt: Int64, after milliseconds: Int64 = 10) {
    var again = evidence.arrivals[0]
    again.seq += 2
    again.at += milliseconds * (attempt - 2)
    again.attempt = "a-\(attempt)-i"
    again.providerID = "p-\(attempt)"
    evidence.arrivals.insert(again, at: evidence.arrivals.count - 1)
    guard attempt > 2 else { return }
    var row = ledger.attempts[0]
    row.id = attempt
    row.providerID = "p-\(attempt)"
    ledger.attempts.append(row)
    ledger.messages[0].attempts += 1
  }
}
