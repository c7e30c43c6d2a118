/// A trace with an index, so that each rule finds what belongs together.
struct History {
  /// A request with its answer.
  struct Exchange {
    var request: Request
    /// The observations of its sending and of its answer; no answer came if the latter is nil.
    var asked: Int
    var answered: Int?
    var answer: Answer?
    /// The observation after which it cannot be done any more, if it was not answered: the death of the process.
    var lost: Int?
    /// The same, if it was answered that the store cannot tell. A commit whose sync failed is not seen while the process
    /// lives, and may be found in the log by the next one: only the death decides.
    var decided: Int?
    var isUndecided: Bool {
      guard case .problem(let status, let code)? = answer else { return false }
      return status == 500 || code == "draining"
    }
    /// When it has been done, if it ever is.
    func over(in history: History) -> Int {
      (isUndecided ? decided : answered ?? lost) ?? history.observations.count
    }
  }

  /// A hand-over from beginning to end.
  struct Journey {
    var handOver: HandOver
    var began: Int
    var taken: Int?
    var ended: Int?
    var verdict: Verdict?
    /// The process died before it had learned the end, or at an unknown moment afterwards.
    var died: Int?
  }

  let trace: Trace
  let tolerances: Tolerances
  private let walls: WallTable
  private(set) var exchanges: [Int: Exchange] = [:]
  private(set) var journeys: [Int: Journey] = [:]
  /// The numbers of the hand-overs of each message, in the order of their beginning.
  private(set) var calls: [String: [Int]] = [:]
  /// The hand-over of each attempt.
  private var flights: [String: Int] = [:]
  /// The observation of each attempt's claim.
  private(set) var claims: [String: Int] = [:]
  /// The observation of each message's first claim.
  private(set) var firstClaims: [String: Int] = [:]
  /// The ledger's last word on each attempt.
  private(set) var outcomes: [String: String] = [:]
  /// What each message is, by all that was seen of it.
  private(set) var messages: [String: MessageRow] = [:]
  /// The configurations, each with the observation from which on it is in force.
  private(set) var settings: [(from: Int, settings: Settings)] = []
  /// The numbers of the requests that send messages again or let them go.
  private var interventions: [Int] = []

  var observations: [Observation] { trace.observations }

  init(_ trace: Trace, tolerances: Tolerances) {
    self.trace = trace
    self.tolerances = tolerances
    walls = WallTable(trace.observations)
    for (index, observation) in trace.observations.enumerated() { add(observation.what, index) }
  }

  private mutating func add(_ sight: Sight, _ index: Int) {
    switch sight {
    case .started(let value), .reloaded(let value): settings.append((index, value))
    case .crashed, .stopped: end(index, isCrash: sight == .crashed)
    case .asked(let number, let request):
      exchanges[number] = Exchange(request: request, asked: index)
      switch request {
      case .retry, .drop, .retryAll, .dropAll: interventions.append(number)
      default: break
      }
    case .answered(let number, let answer):
      exchanges[number]?.answered = index
      exchanges[number]?.answer = answer
      if case .message(let row) = answer { learn(row) }
    case .claimed(let row):
      claims[row.id] = index
      firstClaims[row.message] = firstClaims[row.message] ?? index
    case .handOverBegan(let handOver):
      journeys[handOver.number] = Journey(handOver: handOver, began: index)
      calls[handOver.message, default: []].append(handOver.number)
      flights[handOver.attempt] = handOver.number
    case .mailTaken(let number): journeys[number]?.taken = index
    case .handOverEnded(let number, let verdict):
      journeys[number]?.ended = index
      journeys[number]?.verdict = verdict
    case .snapshot(let snapshot): snapshot.messages.forEach { learn($0) }
    case .stopping, .clockStepped, .suspended, .weather, .diskFailed, .quotaTold: break
    }
  }

  private mutating func learn(_ row: MessageRow) {
    messages[row.id] = row
    for attempt in row.attempts where attempt.outcome != nil { outcomes[attempt.id] = attempt.outcome }
  }

  /// The process is gone: what it was doing stays as it is.
  private mutating func end(_ index: Int, isCrash: Bool) {
    for (number, exchange) in exchanges {
      if exchange.answered == nil && exchange.lost == nil { exchanges[number]?.lost = index }
      if exchange.isUndecided && exchange.decided == nil { exchanges[number]?.decided = index }
    }
    for (number, journey) in journeys where journey.died == nil {
      if journey.ended == nil || isCrash { journeys[number]?.died = index }
    }
  }

  /// The configurations that were in force at some moment between two observations.
  func settings(from first: Int, to last: Int) -> [Settings] {
    var found: [Settings] = []
    for (position, entry) in settings.enumerated() where entry.from <= last {
      let isOver = position + 1 < settings.count && settings[position + 1].from < first
      if !isOver && !found.contains(entry.settings) { found.append(entry.settings) }
    }
    return found.isEmpty ? [Settings()] : found
  }

  /// What the wall clock may have shown between two observations.
  func wall(from first: Int, to last: Int) -> Span {
    walls[first, max(first, last)]
  }

  /// Whether the clock may have been in doubt at some moment between two observations.
  func isLoose(from first: Int, to last: Int) -> Bool {
    walls.isLoose[first...max(first, last)].contains(true)
  }

  /// A time that was stated, as nudged may have written it down: what only a doubted clock can have said is taken back.
  func stated(_ time: Int64, from first: Int, to last: Int) -> Span {
    guard isLoose(from: first, to: last) else { return Span(time) }
    let most = walls.offsets.high - walls.offsets.low
    return Span(time - most, time + most)
  }

  /// What the wall clock may have shown in the time before an observation.
  func wall(before index: Int, within time: Int64) -> Span {
    var first = index
    let start = observations[index].at.elapsed - time
    while first > 0 && observations[first].at.elapsed > start { first -= 1 }
    return wall(from: first, to: index)
  }

  /// Whether an operator may have asked for that message to be sent again, before an observation and after another.
  func wasRetried(_ message: String, after first: Int = -1, before last: Int) -> Bool {
    intervened(after: first, before: last) { request in
      switch request {
      case .retry(let id): id == message
      case .retryAll(let selection): selection.fits(messages[message])
      default: false
      }
    }
  }

  /// Whether an operator may have let that message go before an observation and after another.
  func wasDropped(_ message: String, after first: Int = -1, before last: Int) -> Bool {
    intervened(after: first, before: last) { request in
      switch request {
      case .drop(let id): id == message
      case .dropAll(let selection): selection.fits(messages[message])
      default: false
      }
    }
  }

  /// Whether an operator asked in vain for that message again: if it is not wanted any more, that ends it.
  func wasRetriedInVain(_ message: String, after first: Int, before last: Int) -> Bool {
    intervened(after: first, before: last, refusedWith: 409) { request in
      if case .retry(let id) = request { id == message } else { false }
    }
  }

  /// - Parameter status: what a refusal is answered with that has an effect all the same.
  private func intervened(
    after first: Int, before last: Int, refusedWith status: Int? = nil, _ isMeant: (Request) -> Bool
  ) -> Bool {
    interventions.contains { number in
      guard let exchange = exchanges[number], exchange.asked < last,
        (exchange.answered ?? exchange.lost ?? last) > first
      else { return false }
      if case .problem(let other, _) = exchange.answer, other < 500, other != status { return false }
      return isMeant(exchange.request)
    }
  }

  /// The hand-over that belongs to a row of the ledger.
  func journey(of attempt: String) -> Journey? {
    flights[attempt].flatMap { journeys[$0] }
  }

  /// What a message is: its kind, checkout, order and step never change.
  func identity(of message: String) -> MessageRow? {
    if let row = messages[message] { return row }
    guard let mail = calls[message]?.first.flatMap({ journeys[$0]?.handOver }) else { return nil }
    return MessageRow(
      id: message, shop: mail.shop, checkoutID: mail.checkoutID, orderID: mail.orderID, kind: mail.kind,
      step: mail.step,
      email: mail.recipient, state: "", reason: "", dueAt: 0, generation: 0)
  }

  func violation(_ rule: Rule, _ index: Int, _ detail: String) -> Violation {
    Violation(rule: rule, observation: index, at: observations[index].at, detail: detail)
  }
}

extension Selection {
  /// Whether a message may be meant, as far as what does not change tells.
  fileprivate func fits(_ row: MessageRow?) -> Bool {
    guard let row else { return true }
    return (shop ?? row.shop) == row.shop && (kind ?? row.kind) == row.kind
  }
}

/// A time that is known to lie within bounds.
struct Span: Hashable {
  var low: Int64
  var high: Int64

  init(_ low: Int64, _ high: Int64) {
    self.low = low
    self.high = high
  }

  init(_ exact: Int64) { self.init(exact, exact) }

  mutating func include(_ time: Int64) {
    low = min(low, time)
    high = max(high, time)
  }

  func contains(_ time: Int64) -> Bool { low <= time && time <= high }
}
