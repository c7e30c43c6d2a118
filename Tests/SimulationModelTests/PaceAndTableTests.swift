import SimulationModel
import Testing

/// Runs that break a promise about when things go out.
@Suite("The judge names what is wrong with pace and clock") struct PaceTests {
  private let due = 30 * Story.minute

  /// So many checkouts, each with a mail of its own at the same time.
  private func crowd(_ story: inout Story, _ count: Int, endsAfter: Int64) {
    for id in 1...count {
      let event = CheckoutEvent(checkoutID: "c-\(id)", email: "s\(id)@example.com", occurredAt: Story.dawn)
      let reply = CheckoutReply(
        checkoutID: "c-\(id)", state: "open", generation: 1, changed: true, nextReminderAt: Story.dawn + due)
      story.asked(.checkout(event), .checkout(reply), 0)
    }
    for id in 1...count {
      story.saw(
        .handOverBegan(
          HandOver(
            number: id, attempt: "a-\(id)", message: "m-\(id)", messageID: "<\(id)>", kind: .reminder,
            checkoutID: "c-\(id)", step: 1, recipient: "s\(id)@example.com")), due + Int64(id))
    }
    for id in 1...count { story.saw(.handOverEnded(number: id, .accepted), due + endsAfter) }
  }

  @Test("more mails in a second than the rate allows", arguments: [(10, false), (11, true)])
  func rate(count: Int, isTooMany: Bool) {
    var story = Story(Settings(rate: 10))
    crowd(&story, count, endsAfter: 100)
    #expect(story.broken == (isTooMany ? [.rateIsKept] : []))
  }

  @Test("more mails than nine tenths of what the server takes in a day, less what it has taken", arguments: [4, 5])
  func day(count: Int) {
    var story = Story(Settings(rate: 90, isAuto: true))
    story.saw(.quotaTold(perDay: 10, sentLastDay: 5), 0)
    crowd(&story, count, endsAfter: 100)
    #expect(story.broken == (count > 4 ? [.dayIsKept] : []))
  }

  @Test("more mails at the same time than allowed", arguments: [(3, false), (4, true)])
  func inFlight(count: Int, isTooMany: Bool) {
    var story = Story(Settings(rate: 0, maxInFlight: 3))
    crowd(&story, count, endsAfter: 100)
    #expect(story.broken == (isTooMany ? [.maxInFlightIsKept] : []))
  }

  @Test("what was claimed before a reload allowed fewer may go out after it, nothing else", arguments: [true, false])
  func fewerInFlight(isClaimedBefore: Bool) {
    var story = Story(Settings(rate: 0, maxInFlight: 2))
    let reload = Sight.reloaded(Settings(rate: 0, maxInFlight: 1))
    if !isClaimedBefore { story.saw(reload, due - 10) }
    for id in 1...2 { story.saw(.claimed(Story.attempt(due, id: id, message: id, outcome: nil)), due) }
    if isClaimedBefore { story.saw(reload, due + 10) }
    for id in 1...2 { story.mail(due + 20, message: id, attempt: id, verdict: nil, isClaimed: false) }
    #expect(story.broken.contains(.maxInFlightIsKept) == !isClaimedBefore)
  }

  @Test("a claim after the answer to a pause, also after a restart; none after a resume", arguments: [0, 1, 2])
  func pause(part: Int) {
    var story = Story()
    story.checkout()
    story.asked(.pause, .paused(true), 100)
    if part > 0 {
      story.saw(.crashed, 200)
      story.saw(.started(Settings()), 300)
    }
    if part > 1 { story.asked(.resume, .paused(false), 400) }
    story.mail(due)
    #expect(story.broken == (part > 1 ? [] : [.pauseIsKept]))
  }

  @Test(
    "a claim after a pause and a resumption that met, and after one more pause: only then sending is certainly paused",
    arguments: [0, 1])
  func meeting(later: Int) {
    var story = Story()
    story.checkout()
    story.saw(.asked(number: 7, .pause), 100)
    story.saw(.asked(number: 8, .resume), 100)
    story.saw(.answered(number: 8, .paused(false)), 102)
    story.saw(.answered(number: 7, .paused(true)), 103)
    if later > 0 { story.asked(.pause, .paused(true), 200) }
    story.mail(due)
    #expect(story.broken == (later > 0 ? [.pauseIsKept] : []))
  }

  @Test("a claim after the clock went ahead by an hour, unless somebody accepted it or it came back")
  func clock() {
    var story = Story()
    story.checkout()
    story.shift = Story.hour
    story.saw(.clockStepped(by: Story.hour), 100)
    var accepted = story
    story.mail(200)
    #expect(story.broken == [.doubtfulClockSendsNothing])
    accepted.asked(.acceptClock, .done, 150)
    accepted.mail(200)
    #expect(accepted.broken == [])
  }

  @Test("a clock in doubt that nobody set") func falseAlarm() {
    var story = Story()
    story.saw(
      .snapshot(
        Snapshot(
          status: Status(
            checkoutsOpen: 0, messagesScheduled: 0, messagesSending: 0, messagesDead: 0, messagesUnknown: 0,
            sentTotal: 0, nextDueAt: nil, isClockInDoubt: true))), 10)
    #expect(story.broken == [.doubtfulClockSendsNothing])
  }

  @Test("in fair weather a reminder goes out a minute late, or not at all") func punctuality() {
    var late = Story()
    late.checkout()
    late.saw(.weather(isFair: true), 10)
    late.saw(.claimed(Story.attempt(due - Story.minute, id: 9, message: 9, outcome: nil)), due - Story.minute)
    late.mail(due + Story.minute)
    late.tables(
      due + 2 * Story.minute, [Story.cart()],
      [
        Story.row(
          state: "sent", reason: "sent", due: due, settled: due + Story.minute + 11,
          attempts: [Story.attempt(due + Story.minute, outcome: "accepted")]),
        Story.row(2, step: 2, state: "scheduled", reason: "due", due: Story.day),
      ])
    #expect(late.broken == [.onTime])

    var never = Story()
    never.checkout()
    never.saw(.weather(isFair: true), 10)
    never.order(due - Story.minute, queued: true)
    never.tables(
      2 * due, [Story.cart(state: "ordered", closedBy: "o-1")],
      [
        MessageRow(
          id: "m-2", checkoutID: "c-1", orderID: "o-1", kind: .order, email: "ann@example.com", state: "scheduled",
          reason: "due", dueAt: Story.dawn + due - Story.minute)
      ], orders: [OrderRow(orderID: "o-1", checkoutID: "c-1", occurredAt: Story.dawn + due - Story.minute)])
    #expect(never.broken == [.backlogDrains])
  }
}

/// Tables that cannot be right.
@Suite("The judge names what is wrong with tables") struct TableTests {
  private let due = 30 * Story.minute

  private func sent(_ state: String = "sent", _ reason: String = "sent") -> MessageRow {
    Story.row(
      state: state, reason: reason, due: due, settled: due + 20, attempts: [Story.attempt(due, outcome: "accepted")])
  }

  private func next() -> MessageRow { Story.row(2, step: 2, state: "scheduled", reason: "due", due: Story.day) }

  @Test("a message that was sent is scheduled later, or has vanished, or has become another") func moves() {
    for change in 0...2 {
      var story = Story()
      story.checkout()
      story.mail(due)
      story.tables(due + 100, [Story.cart()], [sent(), next()])
      var row = sent()
      if change == 0 { (row.state, row.reason) = ("dead", "refused") }
      if change == 2 { row.generation = 2 }
      story.tables(due + 200, [Story.cart()], change == 1 ? [next()] : [row, next()])
      #expect(story.broken.contains(.statesMoveAsDrawn), "change \(change)")
    }
  }

  @Test("a reason that does not explain the state") func reasons() {
    var story = Story()
    story.checkout()
    story.mail(due)
    story.tables(due + 100, [Story.cart()], [sent("sent", "late"), next()])
    #expect(story.broken == [.reasonsFitStates])
  }

  @Test("a reminder is skipped though it is not late", arguments: ["late", "collapsed"]) func skips(reason: String) {
    var story = Story()
    story.checkout()
    let row = Story.row(state: "skipped", reason: reason, due: due, settled: due + 1_000)
    story.tables(due + 2_000, [Story.cart()], [row, next()])
    #expect(story.broken == [.skipsAreJustified])
  }

  @Test("numbers that do not equal the tables, and pages with holes") func numbers() {
    var story = Story()
    story.checkout()
    var snapshot = Snapshot(
      checkouts: [Story.cart()], messages: [Story.row(state: "scheduled", reason: "due", due: due)],
      status: Status(
        checkoutsOpen: 1, messagesScheduled: 1, messagesSending: 0, messagesDead: 0, messagesUnknown: 0, sentTotal: 0,
        nextDueAt: Story.dawn + due), metrics: [#"nudged_messages{state="scheduled"}"#: 1],
      messagePages: [["m-1"], []],
      checkoutPages: [["default/c-1"]])
    var good = story
    good.saw(.snapshot(snapshot), 10)
    #expect(good.broken == [])
    snapshot.status?.messagesScheduled = 2
    snapshot.metrics[#"nudged_messages{state="scheduled"}"#] = 0
    snapshot.messagePages = [[]]
    story.saw(.snapshot(snapshot), 10)
    #expect(story.broken == [.numbersEqualTables, .numbersEqualTables, .pagesAreComplete])
  }
}
