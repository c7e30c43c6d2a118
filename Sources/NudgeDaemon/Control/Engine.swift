package import Logging
package import NudgeAPI
package import NudgeDomain
package import NudgeStore
import Synchronization

/// What the routes work on.
package final class Engine: Sendable {
  /// The rest of the daemon, as far as the routes know it.
  package struct Surroundings: Sendable {
    package var now: @Sendable () -> Moment
    /// As the configuration stands now.
    package var policies: @Sendable () -> Policies
    /// Wakes the dispatcher if it sleeps beyond that moment.
    package var ring: @Sendable (Moment) -> Void
    /// Somebody tells an event, whatever becomes of it.
    package var stir: @Sendable () -> Void = {}
    /// Takes back messages whose hand-over has not begun, for good; returns those that it got.
    package var recall: @Sendable ([Int64]) async -> [Int64]
    package var sender: @Sendable () async -> SenderReport
    /// What a mail would look like.
    package var preview: @Sendable (PreviewRequest, Moment) async throws(Problem) -> PreviewReply
    /// The mail of a message, as it would be sent now.
    package var mail: @Sendable (ClaimContent, Int64) throws(Problem) -> PreviewReply
    /// Sends a mail that is marked as a test.
    package var testSend: @Sendable (TestSendRequest, Moment) async throws(Problem) -> TestSendReply
    /// What is wrong with the configuration and its surroundings.
    package var check: @Sendable () async -> CheckReply
    /// How far the wall clock, as clients see it, is ahead of `now`: zero unless it is doubted.
    package var ahead: @Sendable () -> Duration = { .zero }
    /// Believes the wall clock from now on; false if nobody doubts it.
    package var acceptClock: @Sendable () async throws(StoreError) -> Bool = { () throws(StoreError) in false }
    /// How the clocks are; as if nobody had ever doubted one, unless somebody says more.
    package var clockReport: (@Sendable () -> ClockReport)?

    /// Has the dispatcher look at once, whatever it sleeps for: what it sleeps for may have been missed, by a clock that was
    /// set unseen.
    func wake() { ring(Moment(milliseconds: .min)) }

    package var clock: @Sendable () -> ClockReport {
      let now = now
      return clockReport ?? { ClockReport(now()) }
    }

    package init(
      now: @escaping @Sendable () -> Moment, policies: @escaping @Sendable () -> Policies,
      ring: @escaping @Sendable (Moment) -> Void, recall: @escaping @Sendable ([Int64]) async -> [Int64],
      sender: @escaping @Sendable () async -> SenderReport,
      preview: @escaping @Sendable (PreviewRequest, Moment) async throws(Problem) -> PreviewReply,
      mail: @escaping @Sendable (ClaimContent, Int64) throws(Problem) -> PreviewReply,
      testSend: @escaping @Sendable (TestSendRequest, Moment) async throws(Problem) -> TestSendReply,
      check: @escaping @Sendable () async -> CheckReply
    ) {
      self.now = now
      self.policies = policies
      self.ring = ring
      self.recall = recall
      self.sender = sender
      self.preview = preview
      self.mail = mail
      self.testSend = testSend
      self.check = check
    }
  }

  /// Events that may wait for the store's writer at once, beside those of streams.
  package static let standardQueueLimit = 1_024

  let store: Store
  let surroundings: Surroundings
  let version: String
  let startedAt: Moment
  let logger: Logger
  let counts = RequestCounts()
  let capacity: Capacity
  /// Those of the control server.
  let connections = Connections()
  private let queueLimit: Int
  private let queued = Atomic(0)
  private let draining = Atomic(false)

  package convenience init(
    store: Store, surroundings: Surroundings, version: String, startedAt: Moment, logger: Logger,
    queueLimit: Int = standardQueueLimit
  ) {
    self.init(
      store: store, surroundings: surroundings, version: version, startedAt: startedAt, logger: logger,
      queueLimit: queueLimit, capacity: Capacity())
  }

  init(
    store: Store, surroundings: Surroundings, version: String, startedAt: Moment, logger: Logger, queueLimit: Int,
    capacity: Capacity
  ) {
    self.capacity = capacity
    self.store = store
    self.surroundings = surroundings
    self.version = version
    self.startedAt = startedAt
    self.logger = logger
    self.queueLimit = queueLimit
  }

  /// True once nudged has been told to stop: it takes no more requests.
  var isDraining: Bool { draining.load(ordering: .relaxed) }

  package func beginDraining() { draining.store(true, ordering: .relaxed) }

  /// Runs a verb of the store's writer for an event, if not too many wait for it already. Only one that has come whole
  /// takes a place: slow clients keep nobody out.
  func queueing<T>(_ verb: () async throws(StoreError) -> T) async throws(Problem) -> T {
    try takePlace()
    defer { leavePlace() }
    return try await asking(verb)
  }

  /// Takes one of the places for events that wait for the writer, until `leavePlace`; throws if there is none.
  func takePlace() throws(Problem) {
    surroundings.stir()
    let (_, place) = queued.add(1, ordering: .relaxed)
    guard place <= queueLimit else {
      leavePlace()
      throw Problem(.overloaded, "\(queueLimit) events are waiting already; try again shortly")
    }
  }

  func leavePlace() { queued.subtract(1, ordering: .relaxed) }

  /// How many requests were answered so far.
  package var answered: Int { counts.total }
}

/// How the way out is doing.
package struct SenderReport: Hashable, Sendable {
  package enum State: Hashable, Sendable {
    case ok
    /// Every message would meet this problem; it is tried again at that moment.
    case held(reason: String, until: Moment?)
  }

  /// `ses`, `smtp`, `sendmail` or `maildir`.
  package var transport: String
  package var state: State
  /// From when it is held.
  package var since: Moment?
  /// True if it is held because the provider's day is used up, rather than by what the server said.
  package var isUsedUp = false
  /// True if it is held because the wall clock jumped ahead.
  package var isClockDoubted = false
  /// Messages per second that go out at most; nil is no limit.
  package var perSecond: Double?
  package var quota: QuotaReport?

  package init(transport: String, state: State) {
    self.transport = transport
    self.state = state
  }
}

/// How the clocks are.
package struct ClockReport: Hashable, Sendable {
  /// By the wall clock.
  package var shown: Moment
  package var believed: Moment
  /// How far the wall clock is ahead, if it is doubted.
  package var ahead: Duration
  /// In believed time; nil if it is not doubted.
  package var doubtedSince: Moment?
  /// The kernel says that a time server keeps it right.
  package var isSynchronised = false
  package var policy = ClockPolicy.standard

  /// A clock that is believed.
  init(_ now: Moment) { self.init(shown: now, believed: now, ahead: .zero) }

  init(
    shown: Moment, believed: Moment, ahead: Duration, doubtedSince: Moment? = nil, isSynchronised: Bool = false,
    policy: ClockPolicy = .standard
  ) {
    self.shown = shown
    self.believed = believed
    self.ahead = ahead
    self.doubtedSince = doubtedSince
    self.isSynchronised = isSynchronised
    self.policy = policy
  }
}

/// What the provider allows in a day, and what is used of it.
package struct QuotaReport: Hashable, Sendable {
  package var used: Int
  /// Nil is no limit.
  package var usable: Int?
  package var askedAt: Moment

  package init(used: Int, usable: Int?, askedAt: Moment) {
    self.used = used
    self.usable = usable
    self.askedAt = askedAt
  }
}
