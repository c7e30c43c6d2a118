import Synchronization

/// What those outside nudged saw of it: the mail server, the shops, the person at the console. Plain values, in words of
/// their own: what judges by them shares nothing with what it judges.
struct Evidence: Sendable {
  /// What a mail server did with a request.
  enum Verdict: String, Sendable {
    /// Took the mail and said so.
    case taken
    /// Took the mail, and the answer was no answer.
    case takenInSilence
    /// Did not take the mail, and the answer was no answer.
    case droppedInSilence
    /// Too fast: the same mail is welcome later.
    case throttled
    /// The account may not send.
    case account
    /// The mail is not welcome, ever.
    case refused
    /// The mail is not welcome now.
    case later
  }

  /// A request, once the server had it whole.
  struct Arrival: Sendable {
    var seq: Int
    /// Milliseconds of the virtual clock, as all times here.
    var at: Int64
    /// The mail's header.
    var messageID: String
    /// The tag.
    var attempt: String
    var recipient: String
    var verdict: Verdict
    /// What it was told, in the double's words.
    var fault: String
    /// The name that the mail got.
    var providerID: String?
    var isAccepted: Bool { verdict == .taken || verdict == .takenInSilence }
  }

  /// A shop's checkout, acknowledged.
  struct Cart: Sendable {
    var shop: String
    var id: String
    /// What its reminders count from.
    var anchor: Int64
  }

  /// A shop's order, acknowledged.
  struct Order: Sendable {
    /// When the answer was there.
    var seq: Int
    var at: Int64
    var shop: String
    var id: String
    /// The checkouts that it closed.
    var closed: [String]
    /// Reminders that the answer confessed to.
    var inFlight: Int
    var isAnswered: Bool
  }

  /// A person's decision to send a message again.
  struct Retry: Sendable {
    /// Before it was asked for.
    var seq: Int
    var message: Int64
  }

  struct Crash: Sendable {
    var seq: Int
    var at: Int64
  }

  var arrivals: [Arrival] = []
  var carts: [Cart] = []
  var orders: [Order] = []
  var retries: [Retry] = []
  var crashes: [Crash] = []
}

/// Where evidence is gathered as it comes, in one order.
final class Journal: Sendable {
  private let state = Mutex((seq: 0, evidence: Evidence()))

  var evidence: Evidence { state.withLock { $0.evidence } }

  /// A number between those of what happened before and of what will have happened afterwards.
  func mark() -> Int {
    state.withLock { state in
      state.seq += 1
      return state.seq
    }
  }

  /// - Parameter change: gets the number of this entry: whatever happened before has a lower one.
  func note(_ change: (inout Evidence, Int) -> Void) {
    state.withLock { state in
      state.seq += 1
      change(&state.evidence, state.seq)
    }
  }
}
