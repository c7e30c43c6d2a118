import SimulationModel
import Testing

/// Runs that keep every promise, in the ways that are easily taken for a broken one.
@Suite("The judge lets pass") struct JudgeTests {
  @Test("a run in which nothing happened") func nothing() {
    #expect(Judge.judge(Trace()).isEmpty)
  }

  /// A checkout, three reminders on time, tables at the end.
  @Test("three reminders, and the tables at the end") func threeReminders() {
    var story = Story()
    story.checkout()
    story.saw(.weather(isFair: true), 10)
    let due = [30 * Story.minute, Story.day, 3 * Story.day]
    for (step, t) in due.enumerated() {
      story.mail(t + 5, message: step + 1, attempt: step + 1, step: step + 1, content: "mug")
    }
    let rows = due.enumerated().map { step, t in
      Story.row(
        step + 1, step: step + 1, state: "sent", reason: "sent", due: t, settled: t + 16,
        attempts: [Story.attempt(t + 5, id: step + 1, message: step + 1, outcome: "accepted")])
    }
    story.tables(4 * Story.day, [Story.cart()], rows)
    #expect(Judge.judge(story.trace) == [])
  }

  @Test("an order, its message, and a reminder that it counted as in flight") func inFlight() {
    var story = Story()
    story.checkout()
    let due = 30 * Story.minute
    story.mail(due, verdict: nil)
    story.order(due + 3, inFlight: 1, cancelled: 0)
    story.saw(.mailTaken(number: 101), due + 5)
    story.saw(.handOverEnded(number: 101, .accepted), due + 6)
    story.mail(due + 20, message: 2, attempt: 2, order: "o-1")
    story.tables(
      due + 50, [Story.cart(state: "ordered", closedBy: "o-1")],
      [
        Story.row(
          state: "sent", reason: "sent", due: due, settled: due + 7, attempts: [Story.attempt(due, outcome: "accepted")]
        ),
        MessageRow(
          id: "m-2", checkoutID: "c-1", orderID: "o-1", kind: .order, email: "ann@example.com", state: "sent",
          reason: "sent", dueAt: Story.dawn + due, settledAt: Story.dawn + due + 31,
          attempts: [Story.attempt(due + 20, id: 2, message: 2, outcome: "accepted")]),
      ], orders: [OrderRow(orderID: "o-1", checkoutID: "c-1", occurredAt: Story.dawn + due + 3)])
    #expect(Judge.judge(story.trace) == [])
  }

  @Test("an event that was not answered, whether it is there or not", arguments: [true, false])
  func unanswered(isThere: Bool) {
    var story = Story()
    story.checkout(isAnswered: false)
    story.saw(.crashed, 5)
    story.saw(.started(Settings()), 10)
    let row = Story.row(state: "scheduled", reason: "due", due: 30 * Story.minute)
    story.tables(20, isThere ? [Story.cart()] : [], isThere ? [row] : [])
    #expect(Judge.judge(story.trace) == [])
  }

  /// Both were asked at the same time: the answers tell in which order they happened.
  @Test("two changes at the same time, in either order", arguments: [true, false]) func concurrent(isReversed: Bool) {
    var story = Story()
    story.checkout()
    let (one, two) = (Story.event(100, "bowl"), Story.event(100, "jug"))
    story.saw(.asked(number: 8, .checkout(one)), 100)
    story.saw(.asked(number: 9, .checkout(two)), 101)
    story.saw(.answered(number: 8, .checkout(Story.reply(100, isReversed ? 3 : 2))), 105)
    story.saw(.answered(number: 9, .checkout(Story.reply(100, isReversed ? 2 : 3))), 106)
    let content = isReversed ? "bowl" : "jug"
    let rows = [
      Story.row(1, state: "cancelled", reason: "checkout_changed", due: 30 * Story.minute, settled: 103),
      Story.row(2, state: "cancelled", reason: "checkout_changed", due: 30 * Story.minute, settled: 104, generation: 2),
      Story.row(3, state: "scheduled", reason: "due", due: 30 * Story.minute + 100, generation: 3),
    ]
    story.tables(200, [Story.cart(100, generation: 3, content: content)], rows)
    #expect(Judge.judge(story.trace) == [])
  }

  @Test("an order that came before its checkout") func orderFirst() {
    var story = Story()
    story.order(5, closed: [], cancelled: 0, queued: false)
    let reply = CheckoutReply(checkoutID: "c-1", state: "ordered", generation: 1, changed: true, nextReminderAt: nil)
    story.asked(.checkout(Story.event(3)), .checkout(reply), 10)
    #expect(Judge.judge(story.trace) == [])
  }

  @Test("a reminder that was put off in its time and waits by the uptime while the clock is set back") func setBack() {
    var story = Story()
    story.checkout()
    story.mail(30 * Story.minute, verdict: .deferred)
    story.shift = -Story.hour
    story.saw(.clockStepped(by: -Story.hour), 30 * Story.minute + 20)
    story.mail(31 * Story.minute, attempt: 2)
    #expect(Judge.judge(story.trace) == [])
  }

  @Test("an order message of unknown fate that goes out again") func resent() {
    var story = Story()
    story.checkout()
    story.order(1_000)
    story.mail(2_000, attempt: 1, order: "o-1", verdict: .unknown, isTaken: true)
    story.mail(60_000, attempt: 2, order: "o-1")
    #expect(Judge.judge(story.trace) == [])
  }
}
