import NudgeDomain

extension Session {
  /// Writes how a hand-over ended and what follows. A claim that was settled before changes nothing.
  func settle(
    _ claim: Claim, outcome: Outcome, policies: Policies, now: Moment, jitter: Double
  ) throws(StoreError) -> Settlement {
    guard let row = try messages.find(claim.messageID) else { throw .notFound }
    let attempt = try attempts.find(claim.attemptID)
    guard row.message.state == .sending, let attempt, attempt.isOpen, attempt.message == row.id else {
      return Settlement(state: row.message.state, reason: row.message.reason, nextDue: nil, settled: false)
    }
    let learnt = try learn(outcome, kind: claim.kind, shop: claim.shop, now: now)
    var settlement = try settle(
      row, attempt: attempt.id, outcome: outcome, heldIn: learnt.held, policies: policies, now: now, jitter: jitter)
    settlement.stream = learnt.news
    if learnt.news == .released { settlement.nextDue = now }
    return settlement
  }

  /// Settles all that a previous run left in the middle: nobody can know how it ended.
  func resolveInterrupted(policies: Policies, now: Moment, jitter: Double) throws(StoreError) -> Int {
    let interrupted = try messages.sending()
    for row in interrupted {
      guard let attempt = try attempts.open(message: row.id) else { continue }
      let outcome = Outcome.delivered(.unknown(error: "nudged stopped during the hand-over"))
      _ = try settle(row, attempt: attempt, outcome: outcome, policies: policies, now: now, jitter: jitter)
    }
    return interrupted.count
  }

  /// - Parameter stream: the one that a message which could not be composed waits in, if its template is to blame.
  private func settle(
    _ row: MessageRow, attempt: Int64, outcome: Outcome, heldIn stream: Int64? = nil, policies: Policies, now: Moment,
    jitter: Double
  ) throws(StoreError) -> Settlement {
    let checkout = try checkout(of: row)
    guard let content = try content(of: row, about: checkout) else {
      throw .failed("message \(row.id) is about nothing")
    }
    let policy = policies[content.shop]
    var aftermath = policies.retry.aftermath(
      of: outcome, kind: row.message.kind, attempt: row.attempts + 1,
      resendsUnknown: policy.resendsUnknownOrderMessage, now: now, jitter: jitter)
    if stream != nil { aftermath = .again(at: now, .held, costsAttempt: false) }  // behind the others of its stream
    try attempts.settle(attempt, outcome: outcome, now: now)
    tally.add(.outcomes(outcome.ledgerWord))
    switch unlessUnwanted(aftermath, row: row, checkout: checkout, outcome: outcome) {
    case .final(let state, let reason):
      try finish(row, state, reason, now: now)
      let next = try checkout.flatMap { (checkout) throws(StoreError) in
        try planAfter(row, of: checkout, policy: policy, now: now)
      }
      return Settlement(state: state, reason: reason, nextDue: next?.due, settled: true)
    case .again(let due, let reason, let costsAttempt):
      try repeatLater(row, due: due, reason, heldIn: stream, costsAttempt: costsAttempt, now: now)
      return Settlement(state: .scheduled, reason: reason, nextDue: stream == nil ? due : nil, settled: true)
    case .asBefore:
      try move(row, to: .scheduled, row.message.reason, now: now)
      return Settlement(state: .scheduled, reason: row.message.reason, nextDue: row.due, settled: true)
    }
  }

  /// A reminder that would go out again, or did not go out, ends with the reason why it is not wanted any more, if so.
  private func unlessUnwanted(
    _ aftermath: Aftermath, row: MessageRow, checkout: CheckoutRow?, outcome: Outcome
  ) -> Aftermath {
    guard case .reminder = row.message.kind, let checkout,
      let obstacle = ClaimDecision.obstacle(generation: row.generation, checkout: checkout.checkout)
    else { return aftermath }
    switch aftermath {
    case .again, .asBefore: return .final(.cancelled, obstacle)
    case .final: return outcome == .withdrawn ? .final(.cancelled, obstacle) : aftermath
    }
  }

  private func finish(_ row: MessageRow, _ state: Message.State, _ reason: Reason, now: Moment) throws(StoreError) {
    var row = row
    row.attempts += 1
    try move(row, to: state, reason, now: now)
  }

  private func repeatLater(
    _ row: MessageRow, due: Moment, _ reason: Reason, heldIn stream: Int64?, costsAttempt: Bool, now: Moment
  ) throws(StoreError) {
    var row = row
    row.firstDue = min(row.firstDue ?? row.due, due)  // the clock may have been set back since it was claimed
    row.due = due
    row.attempts += costsAttempt ? 1 : 0
    try move(row, to: .scheduled, reason, heldIn: stream, now: now)
  }
}
