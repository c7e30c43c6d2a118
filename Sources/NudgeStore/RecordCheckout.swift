import NudgeDomain

extension Session {
  func record(_ change: CheckoutChange, policy: ShopPolicy, now: Moment) throws(StoreError) -> CheckoutReceipt {
    let known = try checkouts.find(change.key)
    let dated = known.map { change.dated(after: $0.checkout.latest.occurredAt) } ?? change
    let order = known?.checkout.state == .ordered ? nil : try orders.closing(dated)
    let decision = Checkout.decide(
      on: change, known: known?.checkout, isOrdered: order != nil, onChange: policy.onChange)
    let receipt: CheckoutReceipt
    switch (decision, known) {
    case (.changed(let next, let effect), _):
      receipt = try write(next, over: known, order: order, effect: effect, policy: policy, now: now)
    case (.unchanged, let known?):
      let nextReminder = known.checkout.state == .open ? try messages.nextReminder(checkout: known.id) : nil
      receipt = known.checkout.receipt(changed: false, nextReminderAt: nextReminder)
    case (.unchanged, nil):
      preconditionFailure("the first event of a checkout always says something")
    }
    tally.add(.checkoutEvents)
    return receipt
  }

  private func write(
    _ next: Checkout, over known: CheckoutRow?, order: OrderRow?, effect: ReminderEffect, policy: ShopPolicy,
    now: Moment
  ) throws(StoreError) -> CheckoutReceipt {
    let row = try write(next, over: known, order: order, now: now)
    var ended = Ended()
    var nextReminder: Moment?
    switch effect {
    case .keep:
      nextReminder = try messages.nextReminder(checkout: row.id)
    case .cancel(let reason):
      if known != nil { ended = try endReminders(checkout: row.id, reason: reason, now: now) }
    case .restart:
      if known != nil { ended = try endReminders(checkout: row.id, reason: .checkoutChanged, now: now) }
      nextReminder = try planReminders(of: row, from: 1, policy: policy, now: now)?.due
    }
    return next.receipt(changed: true, nextReminderAt: nextReminder, inFlight: ended.inFlight)
  }

  private func write(
    _ next: Checkout, over known: CheckoutRow?, order: OrderRow?, now: Moment
  ) throws(StoreError) -> CheckoutRow {
    let closing = next.state == .open ? nil : Closing(at: now, orderID: order?.order.id)
    if let order { try orders.markEffect(order) }
    tally.add(.checkouts(next.state))
    guard var row = known else { return try checkouts.insert(next, closing: closing, now: now) }
    tally.add(.checkouts(row.checkout.state), -1)
    row.checkout = next
    try checkouts.update(row, closing: closing, now: now)
    return row
  }
}

extension Checkout {
  fileprivate func receipt(changed: Bool, nextReminderAt: Moment?, inFlight: [Int64] = []) -> CheckoutReceipt {
    CheckoutReceipt(
      key: latest.key, state: state, generation: generation, changed: changed, nextReminderAt: nextReminderAt,
      inFlight: inFlight)
  }
}
