/// What one template of one shop makes is a stream: its order messages, or its reminders of one step. This is one whose
/// latest message could not be composed. A value; it is told the time.
///
/// One such message may have itself to blame: its event lacks what the template shows. Several in a row blame the
/// template: then the others wait, rather than become dead letters one by one, while now and then one of them is tried.
package struct FailingStream: Hashable, Sendable {
  /// So many failures in a row, and the stream is held.
  package static let mostFailures = 3
  package static let firstWait = Duration.seconds(60)
  package static let longestWait = Duration.seconds(3_600)

  /// Whether one of its messages may be handed over.
  package enum Turn: Hashable, Sendable {
    case go
    /// It tries whether the template works again.
    case probe
    case wait
  }

  /// In a row, without a message that could be composed between.
  package var failures: Int
  /// The latest one.
  package var error: String
  /// From when its messages wait, and when one is tried next; nil if they do not wait.
  package var heldSince: Moment?
  package var probeAt: Moment?
  /// How long after that one the next one is tried.
  package var wait: Duration

  package init(
    failures: Int = 0, error: String = "", heldSince: Moment? = nil, probeAt: Moment? = nil,
    wait: Duration = firstWait
  ) {
    self.failures = failures
    self.error = error
    self.heldSince = heldSince
    self.probeAt = probeAt
    self.wait = wait
  }

  package var isHeld: Bool { heldSince != nil }

  /// A message could not be composed.
  package mutating func fail(_ error: String, now: Moment) {
    failures += 1
    self.error = error
    guard !isHeld, failures >= Self.mostFailures else { return }
    heldSince = now
    wait = Self.firstWait
    probeAt = now.advanced(by: wait)
  }

  /// - Parameter isRetried: a person asks for this message again: it is tried at once.
  package func turn(isRetried: Bool, now: Moment) -> Turn {
    guard isHeld, let probeAt else { return .go }
    return isRetried || now >= probeAt ? .probe : .wait
  }

  /// One of its messages is on its way; the next one waits twice as long.
  package mutating func beginProbe(now: Moment) {
    wait = min(wait * 2, Self.longestWait)
    probeAt = now.advanced(by: wait)
  }
}
