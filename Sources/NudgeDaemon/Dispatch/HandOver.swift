import Logging
import NudgeDomain
import NudgeMail
import NudgeStore
import Synchronization

extension Dispatcher {
  /// Composes, delivers and settles one claim.
  ///
  /// - Parameter draft: may have the letter already.
  func handOver(_ claim: Claim, with outfit: Outfit, from draft: Draft) async {
    let composition = await draft.composition(of: claim) ?? outfit.desk.composition(for: claim)
    let outcome = observe(await deliver(composition, of: claim, with: outfit), of: claim, with: outfit)
    let settlement = await settle(claim, outcome)
    await outfit.end()
    land(claim, settlement)
    if let settlement {
      report(claim, outcome, settlement)
      report(settlement.stream, of: claim, outcome)
    }
  }

  private func deliver(_ composition: Draft.Composition, of claim: Claim, with outfit: Outfit) async -> Outcome {
    let outcome: Outcome
    switch composition {
    case .success(let letter):
      guard isWanted(claim) else { return .withdrawn }  // saves the way to the server
      let delivery = await outfit.sender.deliver(letter) { self.begin(claim) }
      outcome = delivery.map { .delivered($0) } ?? .outpaced  // or withdrawn, as the flight says
    case .failure(let error):
      outcome = .renderFailed(error: "\(error)")
    }
    return state.withLock { $0.flights.end(claim.messageID) } ? outcome : .withdrawn
  }

  private func isWanted(_ claim: Claim) -> Bool { state.withLock { $0.flights.isWanted(claim.messageID) } }

  /// False if an order has come first, or the rate is used up. From here on a recall comes too late.
  private func begin(_ claim: Claim) -> Bool {
    let now = clock.uptime()
    let (begins, rings) = state.withLock { state in
      guard state.flights.mayBegin(claim.messageID), state.takeToken(for: claim.kind.lane, now: now) else {
        return (false, false)
      }
      return (state.flights.begin(claim.messageID), state.takeWish())
    }
    if rings { alarm.ring(nil) }
    return begins
  }

  /// Learns from an outcome what it says of the rest, and answers what the rest says of it.
  private func observe(_ outcome: Outcome, of claim: Claim, with outfit: Outfit) -> Outcome {
    let now = clock.uptime()
    let (judged, change) = state.withLock { state -> (Outcome, HoldChange?) in
      guard state.outfit === outfit else { return (outcome, nil) }
      if case .delivered(.deferred(.throttled, _)) = outcome {
        state.pace.throttle(now: now)
        state.allotment?.askSoon(now: now)
      }
      let judged = state.blame.judge(outcome, of: claim.messageID, isHeld: state.hold != nil)
      if judged != outcome {
        state.hold?.release(claim.messageID)
        return (judged, nil)
      }
      return (judged, state.hold(after: judged, of: claim.messageID, now: now))
    }
    switch change {
    case .began(let reason):
      logger.warning("The mail server takes nothing from us: mail is held", metadata: ["reason": "\(reason)"])
    case .ended:
      logger.notice("The mail server takes mail again")
    case nil: break
    }
    return judged
  }

  /// Writes the outcome down, and does not give up before the task is cancelled: what is not written is unknown at the
  /// next start. Nil if it could not be written.
  private func settle(_ claim: Claim, _ outcome: Outcome) async -> Settlement? {
    while true {
      let pause: Duration
      do throws(StoreError) {
        try await followSteps()
        return try await store.settle(
          claim, outcome: outcome, policies: desk.configuration.policies, now: clock.now(), jitter: jitter())
      } catch {
        if case .unavailable = error { return nil }
        pause = self.pause(after: error, "An outcome could not be written", ["message": "m-\(claim.messageID)"])
      }
      do { try await clock.pass(pause) } catch { return nil }
    }
  }

  private func land(_ claim: Claim, _ settlement: Settlement?) {
    let rings = state.withLock { state in
      state.flights.remove(claim.messageID)
      return state.takeWish()
    }
    if rings { alarm.ring(nil) } else if let due = settlement?.nextDue { alarm.ring(due) }
  }

  private func report(_ news: StreamNews?, of claim: Claim, _ outcome: Outcome) {
    var metadata: Logger.Metadata = ["shop": "\(claim.shop)", "kind": "\(claim.kind.words)"]
    switch news {
    case .held:
      if let error = outcome.error { metadata["error"] = "\(Redaction.withoutAddresses(error))" }
      logger.warning("A template fails again and again: the mails that it makes are held", metadata: metadata)
    case .released: logger.notice("A template works again: the mails that it makes go out", metadata: metadata)
    case nil: break
    }
  }

  private func report(_ claim: Claim, _ outcome: Outcome, _ settlement: Settlement) {
    let (level, words) = Self.news(of: settlement.state)
    guard logger.logLevel <= level else { return }
    var metadata: Logger.Metadata = [
      "message": "m-\(claim.messageID)", "attempt": "\(claim.attempt)", "shop": "\(claim.shop)",
      "state": "\(settlement.state.rawValue)", "reason": "\(settlement.reason.rawValue)",
    ]
    if let error = outcome.error { metadata["error"] = "\(Redaction.withoutAddresses(error))" }
    if logger.logLevel <= .debug { metadata["to"] = "\(claim.content.to)" }
    logger.log(level: level, words, metadata: metadata)
  }

  private static func news(of state: Message.State) -> (Logger.Level, Logger.Message) {
    switch state {
    case .sent: (.info, "Mail is sent")
    case .dead: (.warning, "Mail is given up")
    case .unknown: (.warning, "Nobody knows whether mail was taken")
    case .scheduled: (.info, "Mail is tried again later")
    case .cancelled, .skipped, .sending: (.info, "Mail is not sent")
    }
  }
}

private enum HoldChange {
  case began(reason: String)
  case ended
}

extension Dispatcher.State {
  /// True, once, if somebody waits for a change of the room.
  fileprivate mutating func takeWish() -> Bool {
    defer { wantsRoom = false }
    return wantsRoom
  }

  fileprivate mutating func hold(after outcome: Outcome, of message: Int64, now: Uptime) -> HoldChange? {
    if hold != nil {
      guard hold?.continues(after: outcome, of: message, now: now) == false else { return nil }
      hold = nil
      return .ended
    }
    guard case .delivered(.deferred(.sender, let error)) = outcome else { return nil }
    hold = Hold(reason: error, now: now)
    blame.holdBegins()
    return .began(reason: Redaction.withoutAddresses(error))
  }
}

extension Message.Kind {
  fileprivate var words: String {
    switch self {
    case .reminder(let step): "reminder \(step)"
    case .order: "order"
    }
  }
}
