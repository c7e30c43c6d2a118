/// How a hand-over to a mail server ended, decided where the server's answer is read.
package enum Delivery: Hashable, Sendable {
  /// The server took the mail; its name for it, if it gave one.
  case accepted(providerID: String?)
  /// The server surely did not take it, and may later.
  case deferred(Deferral, error: String)
  /// The server surely did not take it, and never will.
  case refused(error: String)
  /// The server may have taken it.
  case unknown(error: String)
}

/// What a deferred hand-over says of the rest.
package enum Deferral: Hashable, Sendable {
  /// This message has a problem: costs an attempt.
  case message
  /// We are too fast: slow down. Costs no attempt.
  case throttled
  /// The account or the server has a problem that every message would meet: hold them all. Costs no attempt.
  case sender
}

/// How a claimed message ended, a hand-over or not.
package enum Outcome: Hashable, Sendable {
  case delivered(Delivery)
  /// The template could not be filled in: nothing was handed over.
  case renderFailed(error: String)
  /// The order came before the hand-over began: nothing was handed over.
  case withdrawn
  /// The rate left no room when the hand-over was about to begin: nothing was handed over. Costs no attempt.
  case outpaced
}

/// How often and when a deferred message is tried again.
package struct RetryPolicy: Hashable, Sendable {
  /// Hand-overs in all, the first included.
  package var attempts: Int
  /// The wait after the first one.
  package var first: Duration
  package var longest: Duration

  package init(attempts: Int, first: Duration, longest: Duration) {
    self.attempts = attempts
    self.first = first
    self.longest = longest
  }

  package static let standard = RetryPolicy(attempts: 8, first: .seconds(30), longest: .seconds(3_600))

  /// The wait after the `attempt`-th hand-over: doubled each time, at most `longest`, less up to half of it by jitter, so
  /// that messages which failed together do not come back together.
  ///
  /// - Parameter jitter: a random number from 0 to 1.
  package func wait(after attempt: Int, jitter: Double) -> Duration {
    var wait = first
    var doublings = attempt - 1
    while doublings > 0 && wait < longest && wait > .zero {
      wait = .milliseconds(2 * min(wait.milliseconds, longest.milliseconds))
      doublings -= 1
    }
    let milliseconds = Double(min(wait, longest).milliseconds)
    return .milliseconds(Int64(milliseconds * (1 - 0.5 * min(max(jitter, 0), 1))))
  }
}

/// What follows an outcome for the message itself.
package enum Aftermath: Hashable, Sendable {
  case final(Message.State, Reason)
  /// Scheduled again.
  case again(at: Moment, Reason, costsAttempt: Bool)
  /// Scheduled as it was.
  case asBefore
}

extension RetryPolicy {
  /// Decides what follows `outcome`.
  ///
  /// - Parameters:
  ///   - attempt: which hand-over of the message this was, from 1; free ones not counted.
  ///   - resendsUnknown: whether the shop wants an order message of unknown fate sent again.
  ///   - jitter: a random number from 0 to 1.
  package func aftermath(
    of outcome: Outcome, kind: Message.Kind, attempt: Int, resendsUnknown: Bool, now: Moment, jitter: Double
  ) -> Aftermath {
    switch outcome {
    case .withdrawn: .final(.cancelled, .ordered)
    case .outpaced: .asBefore
    case .renderFailed: .final(.dead, .renderFailed)
    case .delivered(.accepted): .final(.sent, .sent)
    case .delivered(.refused): .final(.dead, .refused)
    case .delivered(.unknown):
      if kind == .order, resendsUnknown, attempt < attempts {
        .again(at: now.advanced(by: wait(after: attempt, jitter: jitter)), .unknown, costsAttempt: true)
      } else {
        .final(.unknown, .unknown)
      }
    case .delivered(.deferred(.message, _)):
      if attempt < attempts {
        .again(at: now.advanced(by: wait(after: attempt, jitter: jitter)), .deferred, costsAttempt: true)
      } else {
        .final(.dead, .attemptsExhausted)
      }
    case .delivered(.deferred(.throttled, _)), .delivered(.deferred(.sender, _)):
      .again(at: now.advanced(by: wait(after: 1, jitter: jitter)), .deferred, costsAttempt: false)
    }
  }
}
