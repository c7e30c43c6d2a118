import NudgeDomain

extension Session {
  /// At most so many due messages are looked at in one verb, when many of them are not to be sent.
  static let longestLook = 512

  /// Claims at most `limit` due messages, the order messages first: each is checked against its checkout as it is now,
  /// and gets its row in the ledger. While sending is paused, nothing is claimed and nothing is next.
  ///
  /// The oldest come first, by when they were due before anything was deferred: an outage does not put those to the back
  /// that met it. But a probe is what has waited longest since it was last tried, so that one message after another
  /// tries it.
  func claimDue(
    now: Moment, limit: Int, reminders: Int, isProbe: Bool, policies: Policies
  ) throws(StoreError) -> Claims {
    guard try !meta.isPaused() else { return Claims(claims: []) }
    try giveBackSome()
    var claims = try claim(.order, limit: limit, isProbe: isProbe, policies: policies, now: now)
    claims += try claim(
      .reminder, limit: min(reminders, limit - claims.count), isProbe: isProbe, policies: policies, now: now)
    return Claims(
      claims: claims, nextOrder: try earliest(.order, now: now), nextReminder: try earliest(.reminder, now: now))
  }

  /// Whatever is looked at leaves the lane: it is claimed, or ends, or is put off.
  private func claim(
    _ lane: Message.Lane, limit: Int, isProbe: Bool, policies: Policies, now: Moment
  ) throws(StoreError) -> [Claim] {
    var claims = try claimProbes(lane, limit: limit, policies: policies, now: now)
    var looked = 0
    while claims.count < limit, looked < Self.longestLook {
      let left = limit - claims.count
      let rows =
        try isProbe
        ? messages.due(lane, now: now, limit: left) : messages.oldestDue(lane, now: now, limit: left)
      for row in rows {
        if let claim = try claim(row, policies: policies, now: now) { claims.append(claim) }
      }
      looked += rows.count
      if rows.isEmpty { break }
    }
    return claims
  }

  func claim(_ row: MessageRow, policies: Policies, now: Moment) throws(StoreError) -> Claim? {
    let known = try checkout(of: row)
    guard let checkout = known, let step = row.message.kind.step else {
      return try handOver(row, of: known, now: now)
    }
    let policy = policies[checkout.shop]
    let decision = ClaimDecision.reminder(
      step: step, generation: row.generation, planned: row.firstDue ?? row.due, isRetried: row.isRetried,
      checkout: checkout.checkout, policy: policy, now: now)
    switch decision {
    case .send:
      return try handOver(row, of: checkout, now: now)
    case .cancel(let reason):
      try move(row, to: .cancelled, reason, now: now)
      return nil
    case .skip(let plan):
      return try passOver(row, plan: plan, of: checkout, now: now)
    }
  }

  /// Skips the reminder for the one that takes its place, which is claimed at once if it is due, and has its
  /// place in the lane.
  private func passOver(
    _ row: MessageRow, plan: ReminderPlan, of checkout: CheckoutRow, now: Moment
  ) throws(StoreError) -> Claim? {
    var plan = plan
    let reason = plan.skipped.removeFirst().reason
    try move(row, to: .skipped, reason, now: now)
    guard let step = row.message.kind.step,
      try !messages.hasLaterStep(than: step, generation: row.generation, checkout: checkout.id),
      var next = try write(plan, of: checkout, now: now), next.due <= now
    else { return nil }
    next.firstDue = row.firstDue ?? row.due
    return try handOver(next, of: checkout, now: now)
  }

  private func handOver(_ row: MessageRow, of checkout: CheckoutRow?, now: Moment) throws(StoreError) -> Claim? {
    guard let content = try content(of: row, about: checkout) else {
      try move(row, to: .dead, .renderFailed, now: now)  // about nothing and for nobody: it must not come up for ever
      return nil
    }
    guard try mayGo(row, shop: content.shop, now: now) else { return nil }
    let reason = row.message.reason == .held ? (row.isRetried ? .retried : .due) : row.message.reason
    try move(row, to: .sending, reason, now: now)
    let attempt = try attempts.insert(message: row.id, recipient: content.to, now: now)
    return Claim(
      messageID: row.id, attemptID: attempt, attempt: row.attempts + 1, kind: row.message.kind,
      generation: row.generation, shop: content.shop, content: content)
  }

  func checkout(of row: MessageRow) throws(StoreError) -> CheckoutRow? {
    try row.checkout.flatMap { (id) throws(StoreError) in try checkouts.find(id: id) }
  }

  /// What a message says, and to whom; `checkout` is its own, as it is now.
  func content(of row: MessageRow, about checkout: CheckoutRow?) throws(StoreError) -> ClaimContent? {
    let checkout = checkout?.checkout.latest
    let order = try row.order.flatMap { (id) throws(StoreError) in try orders.find(rowID: id) }?.order
    guard let shop = order?.shop ?? checkout?.key.shop, let email = order?.email ?? checkout?.email else { return nil }
    return ClaimContent(
      shop: shop, kind: row.message.kind, to: email, checkoutID: checkout?.key.id, orderID: order?.id,
      checkoutContent: checkout?.content, orderContent: order?.content, instance: meta.instance,
      createdAt: row.createdAt, occurredAt: order?.occurredAt ?? checkout?.occurredAt)
  }
}
