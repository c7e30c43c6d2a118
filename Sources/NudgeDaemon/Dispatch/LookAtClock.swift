import Logging
import NudgeDomain
package import NudgeStore
import Synchronization

extension Dispatcher {
  /// How often what the clocks show is kept for the next start, with the looks that happen anyway.
  static let clockInterval = Duration.seconds(600)

  /// Goes on with the time that an earlier run believed. This comes before the first event is taken: one that came
  /// before would be written in a time that may be wrong.
  package func recallClock() async throws(StoreError) {
    let isFirst = state.withLock { state in
      defer { state.knowsClock = true }
      return !state.knowsClock
    }
    guard isFirst else { return }
    do throws(StoreError) {
      if let record = try await store.clock() { clock.resume(from: record) }
    } catch {
      state.withLock { $0.knowsClock = false }
      throw error
    }
  }

  /// Follows the steps that the wall clock made, and tells when it begins and ends to be doubted.
  ///
  /// - Returns: false while it is doubted: then nothing may be claimed.
  func lookAtClock() async throws(StoreError) -> Bool {
    clock.askKernel()
    let doubt = clock.doubt
    try await followSteps()
    let isNew = state.withLock { state in
      defer { state.doubtedSince = doubt?.since }
      return state.doubtedSince != doubt?.since
    }
    if let doubt, isNew { tell(doubt) }
    if let ending = clock.takeEnding() { tell(ending) }
    try await keepClock(isNews: isNew)
    return doubt == nil
  }

  /// Moves along with the steps that nobody has followed yet. What is put off is put off from the time after them.
  func followSteps() async throws(StoreError) {
    let steps = clock.takeSteps()
    guard !steps.isEmpty else { return }
    do throws(StoreError) {
      try await store.follow(steps, record: clock.record)
    } catch {
      clock.putBack(steps)
      throw error
    }
    let known = steps.filter { $0.by != .zero }
    guard !known.isEmpty else { return }
    let seconds = known.map { "\($0.by.milliseconds / 1_000) s" }.joined(separator: ", ")
    logger.notice("The wall clock was set: what waits for elapsed time follows it", metadata: ["by": "\(seconds)"])
  }

  private func keepClock(isNews: Bool) async throws(StoreError) {
    let uptime = clock.uptime()
    let isTime = state.withLock { $0.clockKeptAt.map { uptime.since($0) >= Self.clockInterval } ?? true }
    guard isTime || isNews else { return }
    do throws(StoreError) {
      try await store.remember(clock.record)
    } catch {
      // The start of a doubt must be known to the next run. Else an older reading does as well, but for a reboot.
      if isNews { state.withLock { $0.clockKeptAt = nil } }
      if error.endsStore || isNews { throw error }
    }
    state.withLock { $0.clockKeptAt = uptime }
  }

  /// At the end. What cannot be kept is known less exactly at the next start.
  func keepClock() async {
    do throws(StoreError) {
      try await store.remember(clock.record)
    } catch {
      logger.error("What the clocks show could not be kept", metadata: ["error": "\(error)"])
    }
  }

  private func tell(_ doubt: ClockWatch.Doubt) {
    logger.critical(
      "The wall clock jumped ahead: no mail goes out until it comes back or somebody accepts it",
      metadata: ["ahead": "\(doubt.words)", "accept": "nudgectl clock accept"])
  }

  private func tell(_ ending: ClockWatch.Ending) {
    switch ending {
    case .cameBack: logger.notice("The wall clock came back: mail goes out again")
    case .accepted: logger.notice("The wall clock was accepted: mail goes out again")
    case .vouchedFor: logger.notice("A time server vouches for the wall clock: mail goes out again")
    }
  }

  /// How the clocks are, for people.
  func clockReport(shown: Moment) -> ClockReport {
    let (doubt, policy) = (clock.doubt, clock.policy)
    return ClockReport(
      shown: shown, believed: clock.now(), ahead: doubt?.ahead ?? .zero, doubtedSince: doubt?.since,
      isSynchronised: clock.isSynchronised, policy: policy)
  }

  /// A person says that the wall clock is right. Returns false if nobody doubts it.
  package func acceptClock() async throws(StoreError) -> Bool {
    guard clock.accept() else { return false }
    alarm.ring(nil)
    try await followSteps()  // on disk when this returns, so that a restart does not doubt it anew
    return true
  }

  /// Somebody set the wall clock, or the machine woke up.
  package func clockWasSet() { alarm.ring(nil) }

  /// A doubted clock is looked at more often: a time server may vouch for it at any moment.
  var longestSleep: Duration {
    let isTold = isToldOfSteps.load(ordering: .relaxed)
    return isTold && clock.doubt == nil ? Alarm.longestSleepIfTold : Alarm.longestSleep
  }
}

extension StoreError {
  /// The store takes no more verbs.
  fileprivate var endsStore: Bool {
    if case .unavailable = self { return true }
    return false
  }
}

extension ClockWatch.Doubt {
  /// How far ahead it is, to the largest two units.
  var words: String {
    let units: [(String, Int64)] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)]
    var left = ahead.milliseconds / 1_000
    var parts: [String] = []
    for (unit, seconds) in units where left >= seconds && parts.count < 2 {
      parts.append("\(left / seconds) \(unit)")
      left %= seconds
    }
    return parts.joined(separator: " ")
  }

  /// For `status` and for the service manager.
  var reason: String { "the wall clock jumped \(words) ahead; `nudgectl clock accept` says that it is right" }
}
