/// What somebody outside of nudged saw of one run, in the order in which it was seen.
///
/// The judge (`Judge.judge`) knows nothing else. Nothing in here is taken from nudged's own code: a trace could as well
/// be written by hand, or from the logs of a mail server and of a client.
///
/// Times of day (`wall`, `dueAt`, `occurredAt`, …) are UTC milliseconds since 1970. Identifiers are what the API shows:
/// `m-17`, `a-3`, the shop's own ids for checkouts and orders.
package struct Trace: Equatable, Sendable {
  /// Rising by `at.elapsed`; those of the same millisecond stand in the order in which they happened.
  package var observations: [Observation]

  package init(_ observations: [Observation] = []) {
    self.observations = observations
  }

  /// Adds what was seen next.
  package mutating func saw(_ what: Sight, at instant: Instant) {
    observations.append(Observation(at: instant, what: what))
  }
}

/// One moment as three clocks show it.
package struct Instant: Hashable, Sendable {
  /// True time that has passed since the run began, in milliseconds. It only rises, in suspend as well.
  package var elapsed: Int64
  /// What the machine's wall clock shows: UTC milliseconds since 1970. It drifts and steps.
  package var wall: Int64
  /// What the machine's uptime (CLOCK_BOOTTIME) shows, in milliseconds. It never steps.
  package var uptime: Int64

  package init(elapsed: Int64, wall: Int64, uptime: Int64) {
    self.elapsed = elapsed
    self.wall = wall
    self.uptime = uptime
  }
}

/// Something that was seen, and when.
package struct Observation: Equatable, Sendable {
  package var at: Instant
  package var what: Sight

  package init(at: Instant, what: Sight) {
    self.at = at
    self.what = what
  }
}

/// All that can be seen from outside.
package enum Sight: Equatable, Sendable {
  // MARK: The process

  /// It serves from now on, with this configuration. The first one of a run begins with an empty database.
  case started(Settings)
  /// It took over another configuration: what is decided after this follows it.
  case reloaded(Settings)
  /// It died: nothing of it reaches disk, mail server or client after this. What was not answered never will be.
  case crashed
  /// It was asked to end, and may refuse events from now on.
  case stopping
  /// It has ended in good order.
  case stopped

  // MARK: Clients and operators

  /// A request was sent. `number` is unique in the run, and the answer has the same.
  case asked(number: Int, Request)
  /// Its answer has arrived, whole. A request without an answer may or may not have been done.
  case answered(number: Int, Answer)

  // MARK: The mail server

  /// A row of the ledger is in the committed database, as another reader sees it; once for each row, at its commit.
  /// A trace need not have these. With them the judge knows when each message was claimed.
  case claimed(AttemptRow)
  /// The server begins to be asked to take a mail.
  case handOverBegan(HandOver)
  /// The server has really taken the mail of that hand-over: the shopper will get it, whatever nudged learns of it.
  case mailTaken(number: Int)
  /// nudged has learned how the hand-over ended. After a crash it never does.
  case handOverEnded(number: Int, Verdict)

  /// The server has told nudged how many mails it takes in 24 hours (nil: any number), and how many it took in the last.
  case quotaTold(perDay: Int?, sentLastDay: Int)

  // MARK: The world

  /// Somebody set the wall clock: by so many milliseconds, as against the moment before.
  case clockStepped(by: Int64)
  /// The machine slept for so many milliseconds of true time, and has just woken.
  case suspended(for: Int64)
  /// Fair: from now on nothing fails: no crash, no fault of disk or clock; the server takes each mail, soon.
  /// Foul: anything may. A run begins foul.
  case weather(isFair: Bool)
  /// The disk has refused nudged something, or did not do it.
  case diskFailed
  /// The database and the numbers, all of one moment at which nothing was being written.
  case snapshot(Snapshot)
}

/// What the mail server sees of one hand-over.
package struct HandOver: Equatable, Sendable {
  /// Unique in the run; `mailTaken` and `handOverEnded` have the same.
  package var number: Int
  /// The ledger's row that it belongs to (`a-3`), as the server sees it, for example in the tag `nudged-attempt`.
  package var attempt: String
  /// Whether that row was in the committed database, without an outcome, when the server began to be asked.
  package var isInLedger: Bool
  /// The message (`m-17`) that the ledger's row belongs to.
  package var message: String
  /// The header field `Message-ID`.
  package var messageID: String
  package var kind: Kind
  package var shop: String
  /// The checkout that the mail speaks of; nil if the mail does not say.
  package var checkoutID: String?
  /// The order that the mail speaks of; nil for a reminder.
  package var orderID: String?
  /// Of a reminder, from 1.
  package var step: Int?
  /// The address in the envelope.
  package var recipient: String
  /// What the mail shows of the cart (`CheckoutEvent.content`); nil if it does not show.
  package var content: String?

  package init(
    number: Int, attempt: String, isInLedger: Bool = true, message: String, messageID: String, kind: Kind,
    shop: String = "default", checkoutID: String? = nil, orderID: String? = nil, step: Int? = nil, recipient: String,
    content: String? = nil
  ) {
    self.number = number
    self.attempt = attempt
    self.isInLedger = isInLedger
    self.message = message
    self.messageID = messageID
    self.kind = kind
    self.shop = shop
    self.checkoutID = checkoutID
    self.orderID = orderID
    self.step = step
    self.recipient = recipient
    self.content = content
  }
}

/// The two kinds of messages.
package enum Kind: String, Sendable {
  case reminder, order
}

/// How a hand-over ended, in nudged's eyes, by what the server said. See docs/mail.md, "What each answer means".
package enum Verdict: String, Sendable {
  /// Taken.
  case accepted
  /// Certainly not taken, because of the message: costs an attempt.
  case deferred
  /// Certainly not taken, because nudged is too fast: costs no attempt.
  case throttled
  /// Certainly not taken, because of the account or the server: all mail is held, costs no attempt.
  case held
  /// Refused for good: certainly not taken.
  case refused
  /// 5xx, no answer in time, connection lost: nobody can know. `mailTaken` says how it was.
  case unknown
}
