import SimulationModel

/// A run told by hand. Its clocks begin together and go evenly; `t` is milliseconds since the beginning.
struct Story {
  /// What the wall clock shows when a story begins.
  static let dawn: Int64 = 1_790_000_000_000
  static let minute: Int64 = 60_000
  static let hour: Int64 = 3_600_000
  static let day: Int64 = 86_400_000

  var trace = Trace()
  /// How far the wall clock has been set since the beginning.
  var shift: Int64 = 0
  private var number = 0

  init(_ settings: Settings = Settings()) {
    saw(.started(settings), 0)
  }

  func instant(_ t: Int64) -> Instant { Instant(elapsed: t, wall: Self.dawn + shift + t, uptime: 1_000 + t) }

  mutating func saw(_ sight: Sight, _ t: Int64) { trace.saw(sight, at: instant(t)) }

  /// A request and its answer, a millisecond later.
  mutating func asked(_ request: Request, _ answer: Answer?, _ t: Int64) {
    number += 1
    saw(.asked(number: number, request), t)
    if let answer { saw(.answered(number: number, answer), t + 1) }
  }

  /// The checkout `c-1` of ann@example.com, which occurred when it was sent, and its right answer.
  mutating func checkout(
    _ t: Int64 = 0, content: String = "mug", generation: Int = 1, changed: Bool = true, isAnswered: Bool = true
  ) {
    asked(.checkout(Self.event(t, content)), isAnswered ? .checkout(Self.reply(t, generation, changed)) : nil, t)
  }

  static func event(_ t: Int64, _ content: String = "mug") -> CheckoutEvent {
    CheckoutEvent(checkoutID: "c-1", email: "ann@example.com", content: content, occurredAt: dawn + t)
  }

  static func reply(_ t: Int64, _ generation: Int = 1, _ changed: Bool = true) -> CheckoutReply {
    CheckoutReply(
      checkoutID: "c-1", state: "open", generation: generation, changed: changed,
      nextReminderAt: dawn + t + 30 * minute)
  }

  /// The order `o-1` of that checkout.
  mutating func order(
    _ t: Int64, closed: [String] = ["c-1"], inFlight: Int = 0, cancelled: Int = 1, queued: Bool = true
  ) {
    asked(
      .order(OrderEvent(orderID: "o-1", checkoutID: "c-1", occurredAt: Self.dawn + t)),
      .order(
        OrderReply(
          orderID: "o-1", closed: closed, remindersCancelled: cancelled, remindersInFlight: inFlight, isQueued: queued)),
      t)
  }

  /// A claim, a hand-over 1 ms later, and its end 10 ms after that.
  mutating func mail(
    _ t: Int64, message: Int = 1, attempt: Int = 1, step: Int? = 1, order: String? = nil, verdict: Verdict? = .accepted,
    isTaken: Bool? = nil, isClaimed: Bool = true, recipient: String = "ann@example.com", content: String? = nil,
    messageID: String? = nil, isInLedger: Bool = true, number: Int? = nil
  ) {
    let row = AttemptRow(id: "a-\(attempt)", message: "m-\(message)", startedAt: Self.dawn + shift + t)
    if isClaimed { saw(.claimed(row), t) }
    let hand = number ?? 100 + attempt
    saw(
      .handOverBegan(
        HandOver(
          number: hand, attempt: row.id, isInLedger: isInLedger, message: row.message,
          messageID: messageID ?? "<\(message)@nudged>", kind: order == nil ? .reminder : .order, checkoutID: "c-1",
          orderID: order, step: order == nil ? step : nil, recipient: recipient, content: content)), t + 1)
    if isTaken ?? (verdict == .accepted) { saw(.mailTaken(number: hand), t + 6) }
    if let verdict { saw(.handOverEnded(number: hand, verdict), t + 11) }
  }

  /// A reminder as the tables have it.
  static func row(
    _ id: Int = 1, step: Int = 1, state: String, reason: String, due: Int64, settled: Int64? = nil, generation: Int = 1,
    attempts: [AttemptRow] = []
  ) -> MessageRow {
    MessageRow(
      id: "m-\(id)", checkoutID: "c-1", kind: .reminder, step: step, email: "ann@example.com", state: state,
      reason: reason, dueAt: dawn + due, generation: generation, settledAt: settled.map { dawn + $0 },
      attempts: attempts)
  }

  static func attempt(_ t: Int64, id: Int = 1, message: Int = 1, outcome: String?) -> AttemptRow {
    AttemptRow(
      id: "a-\(id)", message: "m-\(message)", startedAt: dawn + t, settledAt: outcome.map { _ in dawn + t + 11 },
      outcome: outcome)
  }

  static func cart(
    _ t: Int64 = 0, state: String = "open", generation: Int = 1, content: String = "mug", closedBy: String? = nil
  ) -> CheckoutRow {
    CheckoutRow(
      checkoutID: "c-1", email: "ann@example.com", state: state, generation: generation, occurredAt: dawn + t,
      changedAt: dawn + t, closedBy: closedBy, content: content)
  }

  mutating func tables(_ t: Int64, _ carts: [CheckoutRow], _ messages: [MessageRow], orders: [OrderRow] = []) {
    saw(.snapshot(Snapshot(checkouts: carts, orders: orders, messages: messages)), t)
  }

  /// The rules that the judge names.
  var broken: [Rule] { Judge.judge(trace).map(\.rule) }
}
