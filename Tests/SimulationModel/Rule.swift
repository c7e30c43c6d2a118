/// The promises by name. Each cites the sentence that it comes from.
package enum Rule: String, CaseIterable, Sendable {
  // MARK: Events

  /// contract: "at the answer every accepted one is on disk"; design P2: "A 2xx means that the event is on disk". What was
  /// not answered is there as a whole or not at all.
  case acknowledgedIsKept = "acknowledged-is-kept"
  /// The other half: what no client said is not there.
  case nothingIsInvented = "nothing-is-invented"
  /// contract: "a bad line is rejected alone", "422 invalid values", "one that lies more than 5 minutes ahead is refused".
  case badEventsAreRefused = "bad-events-are-refused"
  /// contract: "503 + `Retry-After` while draining, overloaded or out of disk": in fair weather none of them is so, and each
  /// event is answered.
  case fairWeatherAnswers = "fair-weather-answers"
  /// The same in foul weather: who is answered 5xx is told of a disk that failed, or of an end that is near. nudged itself
  /// never fails.
  case failuresHaveCauses = "failures-have-causes"
  /// contract: `"generation": 1, "changed": true`; each change counts one up, and `on_change` says what it does.
  case changesCount = "changes-count"
  /// contract: "The same content again changes nothing"; "Repeating it changes nothing and sends nothing."
  case repetitionChangesNothing = "repetition-changes-nothing"
  /// design: "Events may come late, twice, or in any order": one that is older than what is known changes nothing.
  case staleChangesNothing = "stale-changes-nothing"
  /// contract: `"items": []` cancels the checkout.
  case emptyItemsCancel = "empty-items-cancel"
  /// contract: an order closes "the checkout named by `checkout_id`, else by `order_id`; and every open checkout of the
  /// same `customer_id` or the same e-mail address (compared without case) that is not younger than the order".
  case ordersCloseWhatTheyMatch = "orders-close-what-they-match"
  /// contract: `reminders_cancelled`, `reminders_in_flight`, `order_message` of the answer to an order.
  case orderAnswersAreRight = "order-answers-are-right"
  /// contract: `next_reminder_at`; "from the checkout's last change".
  case nextReminderIsRight = "next-reminder-is-right"

  // MARK: What is sent

  /// design P1: "Once an order is acknowledged, no reminder for that checkout is handed to a mail server afterwards";
  /// those that `reminders_in_flight` counted had begun. The same for a checkout that was emptied or began anew.
  case orderWins = "order-wins"
  /// design P4: "Never early".
  case neverEarly = "never-early"
  /// design: "beyond `max_late` they are `skipped: late`".
  case neverTooLate = "never-too-late"
  /// design: "After downtime at most one reminder per checkout goes out at once".
  case onlyTheLatestStep = "only-the-latest-step"
  /// A mail is of a message that the events ask for, to the address and with the cart that they say.
  case mailsFollowEvents = "mails-follow-events"
  /// contract: `order_message: never | when_checkout_open | always`; never two messages for one order.
  case orderMessageOnce = "order-message-once"
  /// design: "the one after it is written when that settles": an open checkout has a next reminder or had its last.
  case remindersGoOn = "reminders-go-on"
  /// contract: "A retry re-checks the order first."
  case retryLooksAtTheOrder = "retry-looks-at-the-order"

  // MARK: The ledger

  /// design P3: "Every hand-over to a mail server has a ledger row, committed before the first byte leaves." One each.
  case ledgerComesFirst = "ledger-comes-first"
  /// docs/mail.md: "One of four words goes into the ledger".
  case ledgerTellsTheTruth = "ledger-tells-the-truth"
  /// design P3: "Nothing is sent twice", but where the ledger says `unknown`, and policy or operator send again.
  case neverTwice = "never-twice"
  /// A message is asked for again only if it was certainly not taken, or as `neverTwice` allows.
  case callsAreCounted = "calls-are-counted"
  /// man: "Hand-overs in all before a message becomes a dead letter." Not more, and not fewer.
  case attemptsAreBounded = "attempts-are-bounded"
  /// man: "The wait after the first one; it doubles from then on, with some jitter."
  case backoffIsKept = "backoff-is-kept"
  /// facts: "Message-ID is the same for every attempt of one message."
  case messageIDIsKept = "message-id-is-kept"

  // MARK: When it is sent

  /// docs/mail.md: "the number of mails in any one second, over all shops, restarts and reloads included".
  case rateIsKept = "rate-is-kept"
  /// man, of `rate: auto`: nine tenths of what the provider allows in a day.
  case dayIsKept = "day-is-kept"
  /// man: "Hand-overs at the same time".
  case maxInFlightIsKept = "max-in-flight-is-kept"
  /// contract: `POST /pause` (sending only); "holds until a person ends it".
  case pauseIsKept = "pause-is-kept"
  /// A jump ahead beyond the limit pauses sending until it is accepted or taken back.
  case doubtfulClockSendsNothing = "doubtful-clock-sends-nothing"
  /// design P4: "On time": in fair weather with nothing in the way.
  case onTime = "on-time"
  /// In fair weather everything that is due reaches a final state within a bound.
  case backlogDrains = "backlog-drains"

  // MARK: The tables

  /// contract: "`scheduled → sending → sent | dead | unknown`, or `scheduled → cancelled | skipped`, and `dead → scheduled`
  /// by retry."
  case statesMoveAsDrawn = "states-move-as-drawn"
  /// contract: "Reason codes (closed list…)", each with the states that it explains.
  case reasonsFitStates = "reasons-fit-states"
  /// design P6: what the templates of one kind cannot make is no mail, and concerns no other kind.
  case templatesFailAlone = "templates-fail-alone"
  /// A skipped message was late or collapsed by its times.
  case skipsAreJustified = "skips-are-justified"
  /// `status` and the metrics equal the tables.
  case numbersEqualTables = "numbers-equal-tables"
  /// contract: "Lists answer … newest first, at most 1,000 a page": together, the pages hold everything once.
  case pagesAreComplete = "pages-are-complete"
}
