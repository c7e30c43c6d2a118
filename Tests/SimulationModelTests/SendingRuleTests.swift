import SimulationModel
import Testing

/// Runs that break a promise about what is handed over.
@Suite("The judge names what is wrong with hand-overs") struct SendingRuleTests {
  private let due = 30 * Story.minute

  @Test("a reminder is claimed after the answer to the order") func afterOrder() {
    var story = Story()
    story.checkout()
    story.order(100)
    story.mail(due)
    #expect(story.broken == [.orderWins])
  }

  @Test("a reminder that was claimed before the order begins after its answer, which did not count it")
  func notCounted() {
    var story = Story()
    story.checkout()
    story.saw(.claimed(AttemptRow(id: "a-1", message: "m-1", startedAt: Story.dawn + due)), due)
    story.order(due + 1, inFlight: 0, cancelled: 0)
    var other = story
    other.mail(due + 5, isClaimed: false)
    #expect(other.broken == [.orderWins])
    #expect(story.broken == [])
  }

  @Test("a reminder that the order counted as in flight leaves later than with the answer", arguments: [0, 1])
  func countedAndLate(milliseconds: Int64) {
    var story = Story()
    story.checkout()
    story.saw(.claimed(AttemptRow(id: "a-1", message: "m-1", startedAt: Story.dawn + due)), due)
    story.order(due + 1, inFlight: 1, cancelled: 0)
    story.mail(due + 1 + milliseconds, isClaimed: false)
    #expect(story.broken == (milliseconds > 0 ? [.orderWins] : []))
  }

  @Test("a reminder leaves after its checkout was acknowledged as emptied") func emptiedOnTheWay() {
    var story = Story()
    story.checkout()
    story.saw(.claimed(AttemptRow(id: "a-1", message: "m-1", startedAt: Story.dawn + due)), due)
    var event = Story.event(due, "")
    event.isEmpty = true
    let reply = CheckoutReply(checkoutID: "c-1", state: "cancelled", generation: 2, changed: true, nextReminderAt: nil)
    story.asked(.checkout(event), .checkout(reply), due + 1)
    story.mail(due + 5, isClaimed: false)
    #expect(story.broken == [.emptyItemsCancel])
  }

  @Test("a mail goes out that no template can make; a working template is blamed", arguments: [true, false])
  func templates(isFailing: Bool) {
    var story = Story(Settings(shops: ["default": ShopPolicy(failing: isFailing ? [.reminder] : [])]))
    story.checkout()
    var blamed = story
    story.mail(due)
    #expect(story.broken == (isFailing ? [.templatesFailAlone] : []))
    let row = Story.row(
      state: "dead", reason: "render_failed", due: due, settled: due + 11,
      attempts: [Story.attempt(due, outcome: "render_failed")])
    let next = Story.row(2, step: 2, state: "scheduled", reason: "due", due: Story.day)
    blamed.tables(due + 20, [Story.cart()], [row, next])
    #expect(blamed.broken == (isFailing ? [] : [.templatesFailAlone]))
  }

  @Test("a reminder of a cart that was emptied, and one of a schedule that began anew") func closedOtherwise() {
    var emptied = Story()
    emptied.checkout()
    var event = Story.event(100, "nothing")
    event.isEmpty = true
    let reply = CheckoutReply(checkoutID: "c-1", state: "cancelled", generation: 2, changed: true, nextReminderAt: nil)
    emptied.asked(.checkout(event), .checkout(reply), 100)
    emptied.mail(due)
    #expect(emptied.broken == [.emptyItemsCancel])

    var anew = Story()
    anew.checkout()
    anew.checkout(1_000, content: "bowl", generation: 2)
    anew.mail(due + 500)
    #expect(anew.broken == [.neverEarly])
  }

  @Test("a reminder goes out early, even if only the mail server sees it", arguments: [true, false])
  func early(isClaimed: Bool) {
    var story = Story()
    story.checkout()
    story.mail(due - 10, isClaimed: isClaimed)
    #expect(story.broken == [.neverEarly])
  }

  @Test("a reminder that was claimed in time, and did not get to the server, may go out by a clock that was set back")
  func setBack() {
    var story = Story()
    story.checkout()
    let due = 30 * Story.minute
    story.saw(.claimed(AttemptRow(id: "a-1", message: "m-1", startedAt: Story.dawn + due)), due)
    story.shift = -Story.minute
    story.saw(.clockStepped(by: -Story.minute), due + 10)
    story.mail(due + 30_000, attempt: 2)
    #expect(story.broken == [])
  }

  @Test("a reminder goes out after max_late") func late() {
    var story = Story()
    story.checkout()
    story.mail(due + 12 * Story.hour + 1)
    #expect(story.broken == [.neverTooLate])
  }

  @Test("an earlier step goes out though the next one is due") func collapsed() {
    var story = Story(Settings(shops: ["default": ShopPolicy(schedule: [Story.minute, 2 * Story.minute])]))
    var reply = Story.reply(0)
    reply.nextReminderAt = Story.dawn + Story.minute
    story.asked(.checkout(Story.event(0)), .checkout(reply), 0)
    story.mail(2 * Story.minute)
    #expect(story.broken == [.onlyTheLatestStep])
  }

  @Test("a mail goes to another address, or shows another cart") func letter() {
    var address = Story()
    address.checkout()
    address.mail(due, recipient: "bo@example.com")
    #expect(address.broken == [.mailsFollowEvents])

    var cart = Story()
    cart.checkout()
    cart.mail(due, content: "bowl")
    #expect(cart.broken == [.mailsFollowEvents])
  }

  @Test(
    "a letter shows its cart as it was claimed, however often that has changed since, and no other",
    arguments: [("mug", true), ("bowl", false)])
  func claimedLetter(content: String, isRight: Bool) {
    var settings = Settings()
    settings.shops["default"]?.onChange = .keep
    var story = Story(settings)
    story.checkout()
    story.saw(.claimed(Story.attempt(due, outcome: nil)), due)
    for change in 1...3 {
      story.checkout(due + 100 * Int64(change), content: "mug \(change)", generation: change + 1)
    }
    story.mail(due + 1_000, isClaimed: false, content: content)
    #expect(story.broken == (isRight ? [] : [.mailsFollowEvents]))
  }

  @Test("an order gets a message against the policy") func orderMessage() {
    var story = Story(Settings(shops: ["default": ShopPolicy(orderMessage: .never)]))
    story.checkout()
    story.order(100, queued: false)
    story.mail(200, order: "o-1")
    #expect(story.broken == [.orderMessageOnce])
  }

  @Test("an order has no message in the tables, or two", arguments: [0, 2]) func orderMessages(count: Int) {
    var story = Story()
    story.checkout()
    story.order(100)
    let rows = (0..<count).map { id in
      MessageRow(
        id: "m-\(id + 2)", checkoutID: "c-1", orderID: "o-1", kind: .order, email: "ann@example.com",
        state: "scheduled", reason: "due", dueAt: Story.dawn + 100)
    }
    story.tables(
      200, [Story.cart(state: "ordered", closedBy: "o-1")], rows,
      orders: [OrderRow(orderID: "o-1", checkoutID: "c-1", occurredAt: Story.dawn + 100)])
    #expect(story.broken == [.orderMessageOnce])
  }

  @Test("an open checkout has no next reminder") func goesOn() {
    var story = Story()
    story.checkout()
    story.tables(10, [Story.cart()], [])
    #expect(story.broken == [.remindersGoOn])
  }

  @Test("a reminder is retried though the order has come") func retry() {
    var story = Story()
    story.checkout()
    story.mail(due, verdict: .refused)
    story.order(due + 100, cancelled: 1)
    let row = Story.row(
      state: "scheduled", reason: "retried", due: due, attempts: [Story.attempt(due, outcome: "refused")])
    story.asked(.retry(message: "m-1"), .message(row), due + 200)
    #expect(story.broken == [.retryLooksAtTheOrder])
  }

  // MARK: The ledger

  @Test("a hand-over without a row, and two with one") func ledger() {
    var bare = Story()
    bare.checkout()
    bare.mail(due, isInLedger: false)
    #expect(bare.broken == [.ledgerComesFirst])

    var twice = Story()
    twice.checkout()
    twice.mail(due, verdict: .throttled)
    twice.mail(due + 1_000, isClaimed: false, number: 102)
    #expect(twice.broken.contains(.ledgerComesFirst))
  }

  @Test("the ledger says otherwise than the server did", arguments: ["deferred", "refused", "unknown"])
  func truth(outcome: String) {
    var story = Story()
    story.checkout()
    story.mail(due)
    let attempt = Story.attempt(due, outcome: outcome)
    story.tables(
      due + 100, [Story.cart()],
      [
        Story.row(state: "unknown", reason: "unknown", due: due, settled: due + 20, attempts: [attempt]),
        Story.row(2, step: 2, state: "scheduled", reason: "due", due: Story.day),
      ])
    #expect(story.broken.contains(.ledgerTellsTheTruth))
  }

  @Test("a reminder is sent again after it was taken, or perhaps was", arguments: [Verdict.accepted, .unknown])
  func twice(verdict: Verdict) {
    var story = Story()
    story.checkout()
    story.mail(due, verdict: verdict, isTaken: true)
    story.mail(due + 60_000, attempt: 2)
    #expect(story.broken == [.neverTwice])
  }

  @Test("a refused mail is sent again by itself, or one while it is sent") func calls() {
    var refused = Story()
    refused.checkout()
    refused.mail(due, verdict: .refused)
    refused.mail(due + 60_000, attempt: 2)
    #expect(refused.broken == [.callsAreCounted])

    var overlapping = Story()
    overlapping.checkout()
    overlapping.mail(due, verdict: nil)
    overlapping.mail(due + 60_000, attempt: 2)
    #expect(overlapping.broken == [.callsAreCounted])
  }

  @Test("a message of unknown fate goes out again where the policy says no") func policy() {
    var story = Story(Settings(shops: ["default": ShopPolicy(resendsUnknownOrderMessage: false)]))
    story.checkout()
    story.order(1_000)
    story.mail(2_000, order: "o-1", verdict: .unknown)
    story.mail(60_000, attempt: 2, order: "o-1")
    #expect(story.broken == [.callsAreCounted])
  }

  @Test("more attempts than allowed, and too soon") func attempts() {
    var story = Story(Settings(attempts: 2))
    story.checkout()
    for attempt in 1...3 { story.mail(due + Int64(attempt) * Story.hour, attempt: attempt, verdict: .deferred) }
    #expect(story.broken == [.attemptsAreBounded])

    var hasty = Story()
    hasty.checkout()
    hasty.mail(due, verdict: .deferred)
    hasty.mail(due + 1_000, attempt: 2)
    #expect(hasty.broken == [.backoffIsKept])
  }

  @Test("another Message-ID for the same message") func messageID() {
    var story = Story()
    story.checkout()
    story.mail(due, verdict: .throttled, messageID: "<1@nudged>")
    story.mail(due + 60_000, attempt: 2, messageID: "<2@nudged>")
    #expect(story.broken == [.messageIDIsKept])
  }
}
