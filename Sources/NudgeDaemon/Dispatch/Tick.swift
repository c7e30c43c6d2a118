import Logging
package import NudgeDomain
import NudgeStore
import Synchronization

extension Dispatcher {
  /// At most so many messages are claimed in one hop.
  static let claimBatch = 64
  /// After the store could not do a verb, when it is tried again.
  static let storeRetry = Duration.seconds(60)
  /// The same, while something keeps it from writing that passes: then somebody else says so.
  static let hinderedRetry = Duration.seconds(5)
  /// How long orders that closed nothing and sent nothing are remembered, for checkouts that come late.
  static let orderMemory = Duration.seconds(30 * 86_400)
  static let forgetInterval = Duration.seconds(3_600)
  /// At most so many orders are forgotten in one hop.
  static let forgetBatch = 1_000

  /// Claims what is due, as far as there is room, and begins its hand-over in `group`.
  ///
  /// - Returns: when to look again; nil if a ring will tell.
  /// - Throws: the store's failure, when the process must end.
  package func tick(now: Moment, into group: inout ThrowingDiscardingTaskGroup<any Error>) async throws -> Moment? {
    do throws(StoreError) {
      let isSure = try await lookAtClock()
      let now = isSure ? now : clock.now()
      let forgetAgain = try await forget(now: now)
      let askAgain = ask(now: now, into: &group)
      let sendAgain = isSure ? try await send(now: now, into: &group) : nil
      return [forgetAgain, askAgain, sendAgain].compactMap { $0 }.min()
    } catch {
      if case .unavailable = error { throw error }
      return now.advanced(by: pause(after: error, "The store could not say what is due"))
    }
  }

  /// How long to wait until the store is asked again. Says `what` it could not do, unless it is told to everybody anyway.
  func pause(after error: StoreError, _ what: Logger.Message, _ metadata: Logger.Metadata = [:]) -> Duration {
    if error == .full || error == .busy { return Self.hinderedRetry }
    logger.error(what, metadata: metadata.merging(["error": "\(error)"]) { $1 })
    return Self.storeRetry
  }

  private func send(
    now: Moment, into group: inout ThrowingDiscardingTaskGroup<any Error>
  ) async throws(StoreError) -> Moment? {
    let times = Reading(wall: now, uptime: clock.uptime())
    let turn = state.withLock { state in
      let room = state.room(now: times.uptime)
      state.isClaiming = room.limit > 0
      if room.limit > 0 { state.outfit.begin() }
      return (room, state.outfit)
    }
    let (room, outfit) = turn
    guard room.limit > 0 else { return room.again.map(times.wall(at:)) }
    let draft = Draft()
    group.addTask { await draft.run { outfit.desk.composition(for: $0) } }
    let claims = await claim(room, with: outfit, into: draft, now: now)
    await outfit.end()
    for claim in try claims.get().claims {
      group.addTask { await self.handOver(claim, with: outfit, from: draft) }
    }
    return again(after: try claims.get(), now: now)
  }

  /// When to look again after those claims: what is due and got no room waits for it.
  private func again(after claims: Claims, now: Moment) -> Moment? {
    guard let next = claims.next, next <= now else { return claims.next }
    let times = Reading(wall: now, uptime: clock.uptime())
    let left = state.withLock { $0.room(now: times.uptime) }
    func again(_ next: Moment?, room: Int) -> Moment? {
      guard let next, next <= now else { return next }
      return room > 0 ? now : left.again.map(times.wall(at:))
    }
    return [again(claims.nextOrder, room: left.limit), again(claims.nextReminder, room: left.reminders)]
      .compactMap { $0 }.min()
  }

  /// One hop to the store. Each claim is among the flights, and a use of the outfit, when this returns.
  private func claim(
    _ room: Room, with outfit: Outfit, into draft: Draft, now: Moment
  ) async -> Result<Claims, StoreError> {
    defer { draft.close() }
    let policies = outfit.desk.configuration.policies
    let result: Result<Claims, StoreError>
    do throws(StoreError) {
      let claims = try await store.claimDue(
        now: now, limit: room.limit, reminders: room.reminders, isProbe: room.isProbe, policies: policies,
        early: draft.offer)
      result = .success(claims)
    } catch {
      result = .failure(error)
    }
    let claims = (try? result.get().claims) ?? []  // the caller throws the failure
    outfit.begin(claims.count)
    let waiting = state.withLock { state in
      for claim in claims { state.flights.add(claim.messageID, claim.kind.lane) }
      if let first = claims.first { state.hold?.begin(first.messageID) }
      state.isClaiming = false
      defer { state.waitingForClaims = [] }
      return state.waitingForClaims
    }
    for continuation in waiting { continuation.resume() }
    return result
  }

  /// Every hour, and bounded. Returns when there is more to forget.
  private func forget(now: Moment) async throws(StoreError) -> Moment? {
    let uptime = clock.uptime()
    let isTime = state.withLock { $0.forgotAt.map { uptime.since($0) >= Self.forgetInterval } ?? true }
    guard isTime else { return nil }
    let count = try await store.forget(before: now.advanced(by: .zero - Self.orderMemory), limit: Self.forgetBatch)
    guard count < Self.forgetBatch else { return now }
    state.withLock { $0.forgotAt = uptime }
    return nil
  }
}
