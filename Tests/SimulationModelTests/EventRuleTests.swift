import SimulationModel
import Testing

/// Runs that break a promise about events.
@Suite("The judge names what is wrong with events") struct EventRuleTests {
  @Test("an acknowledged checkout is not in the tables") func lost() {
    var story = Story()
    story.checkout()
    story.tables(10, [], [])
    #expect(story.broken == [.acknowledgedIsKept])
  }

  @Test("an acknowledged change is not in the tables") func lostChange() {
    var story = Story()
    story.checkout()
    story.checkout(100, content: "bowl", generation: 2)
    story.tables(200, [Story.cart()], [Story.row(state: "scheduled", reason: "due", due: 30 * Story.minute)])
    #expect(story.broken == [.acknowledgedIsKept])
  }

  @Test("a line of a bulk import is not in the tables") func lostLine() {
    var story = Story()
    let other = CheckoutEvent(checkoutID: "c-2", email: "bo@example.com", occurredAt: Story.dawn)
    story.asked(
      .events([.checkout(Story.event(0)), .invalid, .checkout(other)]), .events(accepted: 2, rejected: [2]), 0)
    story.tables(10, [Story.cart()], [Story.row(state: "scheduled", reason: "due", due: 30 * Story.minute)])
    #expect(story.broken == [.acknowledgedIsKept])
  }

  @Test("an order that was not answered is there by half: its checkout is closed, and it is not there") func half() {
    var story = Story()
    story.checkout()
    story.asked(.order(OrderEvent(orderID: "o-1", checkoutID: "c-1")), nil, 100)
    story.saw(.crashed, 105)
    story.tables(200, [Story.cart(state: "ordered", closedBy: "o-1")], [])
    #expect(!story.broken.isEmpty)
  }

  @Test("a checkout is there that nobody told of") func invented() {
    var story = Story()
    story.tables(10, [Story.cart()], [])
    #expect(story.broken == [.nothingIsInvented])
  }

  @Test("an invalid event is taken, and a valid line is refused") func validity() {
    var story = Story()
    var event = Story.event(0)
    event.isInvalid = true
    story.asked(.checkout(event), .checkout(Story.reply(0)), 0)
    #expect(story.broken.contains(.badEventsAreRefused))

    var other = Story()
    other.asked(.events([.checkout(Story.event(0))]), .events(accepted: 0, rejected: [1]), 0)
    #expect(other.broken == [.badEventsAreRefused])

    var ahead = Story()
    ahead.asked(.checkout(Story.event(6 * Story.minute)), .checkout(Story.reply(6 * Story.minute)), 0)
    #expect(ahead.broken == [.badEventsAreRefused])
  }

  @Test("in fair weather an event is answered that nudged cannot just now") func fairWeather() {
    var story = Story()
    story.saw(.weather(isFair: true), 0)
    story.asked(.checkout(Story.event(5)), .problem(status: 500, code: "internal"), 5)
    #expect(story.broken == [.failuresHaveCauses, .fairWeatherAnswers])
  }

  @Test("a failure has a cause: the disk failed meanwhile; or before, or the end is near, and the answer is 503")
  func causes() {
    func broken(_ sight: Sight?, at t: Int64, status: Int) -> [Rule] {
      var story = Story()
      if let sight, t < 5 { story.saw(sight, t) }
      story.saw(.asked(number: 1, .checkout(Story.event(0))), 5)
      if let sight, t >= 5 { story.saw(sight, t) }
      story.saw(.answered(number: 1, .problem(status: status, code: "some")), 10)
      return story.broken
    }
    #expect(broken(nil, at: 0, status: 500) == [.failuresHaveCauses])
    #expect(broken(nil, at: 0, status: 503) == [.failuresHaveCauses])
    #expect(broken(.diskFailed, at: 1, status: 500) == [.failuresHaveCauses])
    #expect(broken(.diskFailed, at: 1, status: 503) == [])
    #expect(broken(.diskFailed, at: 6, status: 500) == [])
    #expect(broken(.stopping, at: 6, status: 503) == [])
  }

  @Test("a change does not count, or counts twice", arguments: [1, 3]) func generation(told: Int) {
    var story = Story()
    story.checkout()
    story.checkout(100, content: "bowl", generation: told)
    #expect(story.broken == [.changesCount])
  }

  @Test("the same again counts as a change") func repetition() {
    var story = Story()
    story.checkout()
    story.checkout(100, generation: 2)
    #expect(story.broken == [.repetitionChangesNothing])
  }

  @Test("a repeated order closes once more") func repeatedOrder() {
    var story = Story()
    story.checkout()
    story.order(100)
    story.order(200)
    #expect(story.broken == [.repetitionChangesNothing])
  }

  @Test("a repeated order may count what is still in flight, and nothing else", arguments: [0, 1])
  func repeatedInFlight(cancelled: Int) {
    var story = Story()
    let due = 30 * Story.minute
    story.checkout()
    story.saw(.claimed(AttemptRow(id: "a-1", message: "m-1", startedAt: Story.dawn + due)), due)
    story.saw(
      .handOverBegan(
        HandOver(
          number: 1, attempt: "a-1", message: "m-1", messageID: "<1>", kind: .reminder, checkoutID: "c-1", step: 1,
          recipient: "ann@example.com")), due + 1)
    story.order(due + 100, inFlight: 1, cancelled: 0)
    story.order(due + 200, closed: [], inFlight: 1, cancelled: cancelled, queued: false)
    #expect(story.broken == (cancelled > 0 ? [.repetitionChangesNothing] : []))
  }

  @Test(
    "an order cancels the reminder that was planned, unless it was over before another schedule came into force",
    arguments: [Story.minute / 2, 5 * Story.minute])
  func reloaded(at moment: Int64) {
    var story = Story(Settings(shops: ["default": ShopPolicy(schedule: [Story.minute], maxLate: 0)]))
    let reply = CheckoutReply(
      checkoutID: "c-1", state: "open", generation: 1, changed: true, nextReminderAt: Story.dawn + Story.minute)
    story.asked(.checkout(Story.event(0)), .checkout(reply), 0)
    story.saw(.reloaded(Settings()), moment)
    story.order(moment + 100, cancelled: 0)
    #expect(story.broken == (moment < Story.minute ? [.orderAnswersAreRight] : []))
  }

  @Test("what is older than what is known changes it") func stale() {
    var story = Story()
    story.checkout(100)
    story.asked(.checkout(Story.event(50, "bowl")), .checkout(Story.reply(50, 2)), 200)
    #expect(story.broken == [.staleChangesNothing])
  }

  @Test("an emptied cart stays open") func emptied() {
    var story = Story()
    story.checkout()
    var event = Story.event(100, "nothing")
    event.isEmpty = true
    story.asked(.checkout(event), .checkout(Story.reply(100, 2)), 100)
    #expect(story.broken == [.emptyItemsCancel])
  }

  @Test("an order does not close its checkout") func notClosed() {
    var story = Story()
    story.checkout()
    story.order(100, closed: [], cancelled: 0, queued: false)
    #expect(story.broken == [.ordersCloseWhatTheyMatch])
  }

  @Test("an order closes by an address in another case, and no checkout that is younger", arguments: [true, false])
  func address(isYounger: Bool) {
    var story = Story()
    story.checkout(1_000)
    let event = OrderEvent(
      orderID: "o-1", email: "Ann@Example.com", occurredAt: Story.dawn + (isYounger ? 500 : 1_500))
    let empty = OrderReply(orderID: "o-1", closed: [], remindersCancelled: 0, remindersInFlight: 0, isQueued: false)
    let full = OrderReply(orderID: "o-1", closed: ["c-1"], remindersCancelled: 1, remindersInFlight: 0, isQueued: true)
    var wrong = story
    story.asked(.order(event), .order(isYounger ? empty : full), 2_000)
    #expect(story.broken == [])
    wrong.asked(.order(event), .order(isYounger ? full : empty), 2_000)
    #expect(wrong.broken == [.ordersCloseWhatTheyMatch])
  }

  @Test("a late checkout of an order stays open") func lateCheckout() {
    var story = Story()
    story.order(5, closed: [], cancelled: 0, queued: false)
    story.checkout(10)
    #expect(story.broken == [.ordersCloseWhatTheyMatch])
  }

  @Test("an order says that it cancelled none, that none flies, or that it is not answered") func orderAnswers() {
    var none = Story()
    none.checkout()
    none.order(100, cancelled: 0)
    #expect(none.broken == [.orderAnswersAreRight])

    var flying = Story()
    flying.checkout()
    flying.mail(30 * Story.minute, verdict: nil)
    flying.order(30 * Story.minute + 3, inFlight: 0, cancelled: 0)
    #expect(flying.broken == [.orderAnswersAreRight])

    var silent = Story()
    silent.checkout()
    silent.order(100, queued: false)
    #expect(silent.broken == [.orderAnswersAreRight])
  }

  @Test("the next reminder counts from something else") func nextReminder() {
    var story = Story()
    var reply = Story.reply(0)
    reply.nextReminderAt = Story.dawn + 31 * Story.minute
    story.asked(.checkout(Story.event(0)), .checkout(reply), 0)
    #expect(story.broken == [.nextReminderIsRight])

    var table = Story()
    table.checkout()
    table.tables(10, [Story.cart()], [Story.row(state: "scheduled", reason: "due", due: 29 * Story.minute)])
    #expect(table.broken == [.nextReminderIsRight])
  }

  @Test("a change under keep begins the schedule anew") func keep() {
    var settings = Settings()
    settings.shops["default"]?.onChange = .keep
    var story = Story(settings)
    story.checkout()
    story.checkout(10_000, content: "bowl", generation: 2)
    story.tables(
      20_000, [Story.cart(10_000, generation: 2, content: "bowl")],
      [
        Story.row(1, state: "cancelled", reason: "checkout_changed", due: 30 * Story.minute, settled: 10_000),
        Story.row(2, state: "scheduled", reason: "due", due: 30 * Story.minute + 10_000, generation: 2),
      ])
    #expect(story.broken == [.nextReminderIsRight])
  }
}
