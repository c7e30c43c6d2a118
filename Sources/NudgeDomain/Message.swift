/// One mail to one shopper, from the moment it is planned.
package struct Message: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case reminder(step: Int)
    case order
  }

  /// Where a due message waits for its turn. An order message never waits behind a reminder.
  package enum Lane: CaseIterable, Sendable {
    case order
    case reminder
  }

  package enum State: String, CaseIterable, Sendable {
    /// Waits for its due time. Next: `sending`, `cancelled`, `skipped`.
    case scheduled
    /// A hand-over has begun, or is about to. Next: `sent`, `dead`, `unknown`, `cancelled`, back to `scheduled`.
    case sending
    /// A mail server took it. Final.
    case sent
    /// Given up. Final, unless a person retries it.
    case dead
    /// Nobody can know whether the mail server took it. Final, unless a person retries it.
    case unknown
    /// Not wanted any more. Final.
    case cancelled
    /// Passed over. Final.
    case skipped

    package var isFinal: Bool {
      switch self {
      case .scheduled, .sending: false
      case .sent, .dead, .unknown, .cancelled, .skipped: true
      }
    }

    /// True if a person may retry or drop a message in this state.
    package var isDeadLetter: Bool { self == .dead || self == .unknown }
  }

  package var kind: Kind
  package var state: State
  package var reason: Reason

  package init(kind: Kind, state: State, reason: Reason) {
    self.kind = kind
    self.state = state
    self.reason = reason
  }
}

extension Message.Kind {
  package var lane: Message.Lane {
    switch self {
    case .order: .order
    case .reminder: .reminder
    }
  }
}

/// Why a message is in the state that it is in. A closed list: users' scripts compare these words.
package enum Reason: String, CaseIterable, Sendable {
  /// Waits for its time, or is being handed over because its time has come.
  case due
  /// A mail server took it.
  case sent
  /// A mail server could not take it just now; it goes out again later.
  case deferred
  /// A mail server refused it for good.
  case refused
  /// The hand-over ended without an answer.
  case unknown
  /// An order closed the checkout.
  case ordered
  /// The shopper emptied the cart.
  case checkoutCancelled = "checkout_cancelled"
  /// The checkout changed, and a newer reminder takes this one's place.
  case checkoutChanged = "checkout_changed"
  /// Its time passed too long ago.
  case late
  /// A later reminder was due as well and went out instead.
  case collapsed
  /// The template could not be filled in.
  case renderFailed = "render_failed"
  /// Deferred as often as the configuration allows.
  case attemptsExhausted = "attempts_exhausted"
  /// Waits because the template of its shop and kind fails, for this message and others.
  case held
  /// A person asked for it again.
  case retried
  /// A person gave it up.
  case dropped
}
