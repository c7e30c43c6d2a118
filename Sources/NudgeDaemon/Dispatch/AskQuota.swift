import Logging
import NudgeDomain
import NudgeMail
import NudgeStore
import Synchronization

extension Dispatcher {
  /// With `rate: auto`, asks the provider for its quota when it is time to, beside all hand-overs.
  ///
  /// - Returns: when it is time again; nil if a ring will tell.
  func ask(now: Moment, into group: inout ThrowingDiscardingTaskGroup<any Error>) -> Moment? {
    let times = Reading(wall: now, uptime: clock.uptime())
    let (outfit, news, next) = state.withLock { state -> (Outfit?, Allotment.News?, Uptime?) in
      guard var allotment = state.allotment, !state.isStopping else { return (nil, nil, nil) }
      defer { state.allotment = allotment }
      let news = allotment.look(now: times.uptime)
      guard allotment.mayAsk(now: times.uptime) else { return (nil, news, allotment.isAsking ? nil : allotment.askAt) }
      allotment.beginAsking(inFlight: state.flights.count, now: times.uptime)
      state.outfit.begin()
      return (state.outfit, news, nil)
    }
    tell(news)
    if let outfit { group.addTask { await self.ask(outfit) } }
    return next.map(times.wall(at:))
  }

  private func ask(_ outfit: Outfit) async {
    let askedAt = clock.now()
    let counted = await latestCounted()
    let answer = await outfit.sender.quota()
    await outfit.end()
    let now = clock.uptime()
    let news = state.withLock { state -> Allotment.News? in
      guard state.outfit === outfit, var allotment = state.allotment else { return nil }
      defer { state.allotment = allotment }
      let news = allotment.learn(answer, now: now)
      state.pace.change(to: allotment.perSecond)
      return news
    }
    tell(news)
    if case .known(let quota) = answer, let counted {
      await remember(
        QuotaRecord(
          account: outfit.account, perSecond: quota.perSecond, perDay: quota.perDay, sentLastDay: quota.sentLastDay,
          askedAt: askedAt, lastAttempt: counted))
    }
    alarm.ring(nil)
  }

  /// The latest row of the ledger that the provider may have counted by now; nil if the store does not say: then the
  /// answer is not written down.
  private func latestCounted() async -> Int64? {
    let inFlight = state.withLock { $0.flights.count }
    guard let latest = try? await store.latestAttempt() else { return nil }
    return latest - Int64(inFlight)
  }

  private func remember(_ record: QuotaRecord) async {
    do throws(StoreError) {
      try await store.remember(record)
    } catch {
      logger.error("The provider's quota could not be written down", metadata: ["error": "\(error)"])
    }
  }

  /// At start: goes on with what an earlier run knew, and counts what it handed over just before.
  func recallPace() async throws(StoreError) {
    let times = clock.reading
    let now = times.wall
    let recent = try await store.handOvers(since: now.advanced(by: .zero - Pace.longestWindow), now: now)
    let latest = try await store.latestAttempt()
    let known = try await store.quota()
    state.withLock { state in
      for moment in recent { state.pace.take(1, now: times.uptime(at: moment)) }
      guard state.allotment != nil, let known, known.account == state.outfit.account else { return }
      let quota = SendingQuota(perSecond: known.perSecond, perDay: known.perDay, sentLastDay: known.sentLastDay)
      let allotment = Allotment(
        quota, answeredAt: times.uptime(at: min(known.askedAt, now)), handedOver: Int(latest - known.lastAttempt),
        now: times.uptime)
      state.allotment = allotment
      state.pace.change(to: allotment.perSecond)
    }
  }

  private func tell(_ news: Allotment.News?) {
    switch news {
    case .silent(let error):
      logger.warning(
        "The mail provider does not say what it allows: what is known holds",
        metadata: ["error": "\(Redaction.withoutAddresses(error))"])
    case .answers: logger.notice("The mail provider says again what it allows")
    case .usedUp(let reason):
      logger.warning("The mail provider's day is used up: mail is held", metadata: ["reason": "\(reason)"])
    case .roomAgain: logger.notice("The mail provider's day has room again")
    case nil: break
    }
  }
}

extension Outfit {
  /// Whom the quota is asked for.
  var account: String {
    let sender = desk.configuration.sender
    return "\(sender.transport.rawValue) \(sender.ses.region) \(sender.ses.endpoint)"
  }

  /// The rate that the configuration names; nil for no limit.
  var perSecond: Double? {
    switch desk.configuration.sender.rate {
    case .fixed(0): nil
    case .fixed(let rate): Double(rate)
    case .auto: Allotment.share * Allotment.safeRate
    }
  }

  var isAuto: Bool { desk.configuration.sender.rate == .auto }
}
