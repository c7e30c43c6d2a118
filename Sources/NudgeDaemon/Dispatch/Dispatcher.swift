package import Logging
import NudgeDomain
package import NudgeMail
package import NudgeStore
import Synchronization

/// Hands over what is due: claims it, composes it, delivers it, settles it.
///
/// One dispatcher works on a store at a time. Its loop is `run`; all that it decides is in `tick`.
package final class Dispatcher: Sendable {
  struct State {
    var outfit: Outfit
    var pace: Pace
    /// With `rate: auto` only.
    var allotment: Allotment?
    var hold: Hold?
    var blame = Blame()
    var flights = Flights()
    var isStopping = false
    /// A claim may be on disk that is not among the flights yet.
    var isClaiming = false
    /// Who waits until that is over.
    var waitingForClaims: [CheckedContinuation<Void, Never>] = []
    /// More may be due than there was room for: whoever lands rings.
    var wantsRoom = false
    var forgotAt: Uptime?
    /// What an earlier run knew of the clocks is taken up.
    var knowsClock = false
    /// When the doubt began that was told last; nil if none was told since the last one ended.
    var doubtedSince: Moment?
    var clockKeptAt: Uptime?
  }

  let store: Store
  /// The time that is believed.
  package let clock: TrustedClock
  let alarm: Alarm
  let logger: Logger
  let jitter: @Sendable () -> Double
  let state: Mutex<State>
  /// How often it has looked at what is due: a sign that it works.
  let looks = Atomic(0)
  /// Somebody calls `clockWasSet` at once.
  let isToldOfSteps = Atomic(false)
  /// How often something happened: what it waits for changed or came, or somebody told an event.
  let stirs = Atomic(0)
  /// Somebody waits for the next of them, and is rung by `news`.
  let isResting = Atomic(false)
  let news = Alarm()

  /// - Parameter jitter: gives random numbers from 0 to 1.
  package init(
    store: Store, desk: MailDesk, sender: any Sender, clock: any WallClock, alarm: Alarm, logger: Logger,
    jitter: @escaping @Sendable () -> Double
  ) {
    self.store = store
    self.clock = TrustedClock(clock, policy: desk.configuration.clock)
    self.alarm = alarm
    self.logger = logger
    self.jitter = jitter
    let outfit = Outfit(desk: desk, sender: sender)
    state = Mutex(
      State(
        outfit: outfit, pace: Pace(perSecond: outfit.perSecond),
        allotment: outfit.isAuto ? Allotment(now: clock.uptime()) : nil))
  }

  /// Resolves what an earlier run left in the middle of a hand-over, then hands over what becomes due until `stop`.
  /// Returns when everything in flight is settled. Cancelled, it breaks off what is in flight.
  ///
  /// - Throws: the store's failure, when the process must end.
  package func run() async throws {
    let result: Result<Void, any Error>
    do { result = .success(try await loop()) } catch { result = .failure(error) }
    await state.withLock { $0.outfit }.retire()
    try result.get()
  }

  /// Shuts the sender down, where `run` never began.
  package func closeUnused() async { await state.withLock { $0.outfit }.retire() }

  private func loop() async throws {
    try await begin()
    try await withThrowingDiscardingTaskGroup { group in
      var plan: Moment?
      while !isOver {
        looks.add(1, ordering: .relaxed)
        let now = clock.now()
        if let plan, plan <= now { stir() }
        let next = try await tick(now: now, into: &group)
        if next != plan { stir() }
        plan = next
        await alarm.wait(until: next, clock: clock, longest: longestSleep)
      }
    }
    await keepClock()
  }

  /// Something happens, or is about to: a rest of whoever watches the dispatcher ends.
  package func stir() {
    stirs.add(1, ordering: .sequentiallyConsistent)
    if isResting.load(ordering: .sequentiallyConsistent) { news.ring(nil) }
  }

  /// Ends `run` once everything in flight is settled. Nothing more is claimed.
  package func stop() {
    state.withLock { $0.isStopping = true }
    alarm.ring(nil)
  }

  /// What the mail server and the clock allow. Whether a person has paused the sending, the store says, and nobody else.
  package var status: SenderStatus {
    let times = clock.reading
    let doubt = clock.doubt
    return state.withLock { state in
      if let doubt { return .doubted(doubt) }
      if let hold = state.hold {
        return .held(reason: hold.reason, since: times.wall(at: hold.since), probeAt: times.wall(at: hold.probeAt))
      }
      guard let allotment = state.allotment, let since = allotment.usedUpSince else { return .ok }
      return .held(
        reason: allotment.usedUpReason, since: times.wall(at: since), probeAt: times.wall(at: allotment.askAt))
    }
  }

  package var desk: MailDesk { state.withLock { $0.outfit.desk } }

  /// How many messages are claimed and not settled.
  package var inFlight: Int { state.withLock { $0.flights.count } }

  /// Works with a new configuration from now on. Hand-overs that have begun end with the old one; its sender is shut
  /// down after the last of them. A hold ends: the new configuration may be what mends it.
  package func replace(desk: MailDesk, sender: any Sender) async {
    let now = clock.uptime()
    let old = state.withLock { state in
      let old = state.outfit
      state.outfit = Outfit(desk: desk, sender: sender)
      state.replaceRate(old: old, now: now)
      clock.policy = desk.configuration.clock
      state.hold = nil
      state.blame = Blame()
      return old
    }
    await tryHeldStreams()
    alarm.ring(nil)
    await old.retire()
  }

  /// What holds a template's mails may be mended: one of each is tried. Later, if the store cannot tell now.
  private func tryHeldStreams() async {
    do throws(StoreError) {
      try await store.tryHeldStreams(now: clock.now())
    } catch {
      logger.error("Held mails could not be tried at once", metadata: ["error": "\(error)"])
    }
  }

  /// Takes back messages of which nothing has left, even if they are on their way to the server: they will be settled as
  /// withdrawn.
  ///
  /// - Returns: those of `messages` that it got. The rest is at the mail server, or may be.
  package func recall(_ messages: [Int64]) async -> [Int64] {
    guard !messages.isEmpty else { return [] }
    await claimsAreKnown()
    return state.withLock { state in messages.filter { state.flights.withdraw($0) } }
  }

  /// Waits until every claim that is on disk by now is among the flights.
  private func claimsAreKnown() async {
    await withCheckedContinuation { continuation in
      let isKnown = state.withLock { state in
        if state.isClaiming { state.waitingForClaims.append(continuation) }
        return !state.isClaiming
      }
      if isKnown { continuation.resume() }
    }
  }

  private var isOver: Bool { Task.isCancelled || state.withLock { $0.isStopping } }

  /// Resolves what an earlier run left, as often as the store needs to do it: nothing may be claimed before.
  private func begin() async throws(StoreError) {
    while !isOver {
      let pause: Duration
      do throws(StoreError) {
        return try await resolveInterrupted()
      } catch {
        if case .unavailable = error { throw error }
        pause = self.pause(after: error, "What an earlier run left could not be resolved")
      }
      await rest(for: pause)
    }
  }

  private func resolveInterrupted() async throws(StoreError) {
    try await recallClock()
    _ = try await lookAtClock()
    if let moment = try await store.restoredFrom() {
      logger.warning(
        "The database is a copy: nothing is sent until `nudgectl restored` says what became of its messages",
        metadata: ["copied_at_ms": "\(moment.milliseconds)"])
    }
    let policies = desk.configuration.policies
    let count = try await store.resolveInterrupted(policies: policies, now: clock.now(), jitter: jitter())
    try await recallPace()
    try await store.tryHeldStreams(now: clock.now())
    guard count > 0 else { return }
    logger.warning("Messages were in the middle of a hand-over when nudged stopped", metadata: ["count": "\(count)"])
  }

  /// Waits that long, whoever rings and whoever sets the wall clock, unless all is over.
  private func rest(for duration: Duration) async {
    let end = clock.uptime().advanced(by: duration)
    while !isOver {
      let left = end.since(clock.uptime())
      guard left > .zero else { return }
      await alarm.wait(until: clock.now().advanced(by: left), clock: clock)
    }
  }
}
