import NudgeDomain

extension Session {
  /// Remembers the order, closes what it closes, and plans its message. A repetition closes what it newly names and
  /// sends nothing.
  func record(_ order: Order, policy: ShopPolicy, now: Moment) throws(StoreError) -> OrderReceipt {
    let known = try orders.find(shop: order.shop, id: order.id)
    var merged = known?.order.merged(with: order) ?? order
    let open = try checkouts.open(of: merged.shopper, shop: merged.shop)
    if known == nil { merged = merged.dated(after: open.map(\.checkout.latest.occurredAt).max()) }
    let candidates = try checkouts.candidates(for: merged, open: open)
    let closed = candidates.filter { $0.checkout.state != .ordered }
    var ended = Ended()
    if known != nil { ended.inFlight = try inFlight(of: merged) }
    for row in closed { ended = ended + (try close(row, orderID: merged.id, now: now)) }
    var message: NewMessage?
    if known == nil, policy.orderMessage.answers(closedOpenCheckout: closed.contains { $0.checkout.state == .open }) {
      let answered = closed.first { $0.checkout.state == .open } ?? closed.first ?? candidates.first
      message = orderMessage(merged, about: answered, now: now)
    }
    let remembered = try remembering(merged, over: known)
    let row = try write(
      remembered, over: known, isAwaiting: isAwaiting(remembered, among: candidates),
      hadEffect: !closed.isEmpty || message != nil, now: now)
    message?.order = row.id
    if let message { _ = try insert(message, now: now) }
    tally.add(.orderEvents)
    return OrderReceipt(
      orderID: merged.id, closed: closed.map(\.checkout.latest.key.id), remindersCancelled: ended.cancelled,
      inFlight: ended.inFlight, orderMessageDue: message?.due)
  }

  /// A repetition may be heard while the first one's reminders are still being taken back: it waits for them as well.
  private func inFlight(of order: Order) throws(StoreError) -> [Int64] {
    var inFlight: [Int64] = []
    for id in try checkouts.closed(by: order) {
      inFlight += try messages.live(checkout: id).filter { $0.message.state == .sending }.map(\.id)
    }
    return inFlight
  }

  /// A repetition that names another checkout closes that one now; what is remembered is the one that has yet to come.
  private func remembering(_ order: Order, over known: OrderRow?) throws(StoreError) -> Order {
    guard let first = known?.order.checkoutID, first != order.checkoutID,
      try checkouts.find(CheckoutKey(shop: order.shop, id: first)) == nil
    else { return order }
    var order = order
    order.checkoutID = first
    return order
  }

  /// True if the checkout that the order names has yet to come.
  private func isAwaiting(_ order: Order, among known: [CheckoutRow]) throws(StoreError) -> Bool {
    guard let key = order.checkoutID.map({ CheckoutKey(shop: order.shop, id: $0) }) else { return false }
    if known.contains(where: { $0.checkout.latest.key == key }) { return false }
    return try checkouts.find(key) == nil
  }

  private func close(_ row: CheckoutRow, orderID: String, now: Moment) throws(StoreError) -> Ended {
    try checkouts.close(row, orderID: orderID, now: now)
    tally.move(from: .checkouts(row.checkout.state), to: .checkouts(.ordered))
    return try endReminders(checkout: row.id, reason: .ordered, now: now)
  }

  /// Nil if nobody said where to send it.
  private func orderMessage(_ order: Order, about checkout: CheckoutRow?, now: Moment) -> NewMessage? {
    guard order.email != nil || checkout != nil else { return nil }
    return NewMessage(
      shop: order.shop, checkout: checkout?.id, order: nil,
      message: Message(kind: .order, state: .scheduled, reason: .due), generation: 1, due: now)
  }

  private func write(
    _ order: Order, over known: OrderRow?, isAwaiting: Bool, hadEffect: Bool, now: Moment
  ) throws(StoreError) -> OrderRow {
    guard var row = known else {
      return try orders.insert(order, isAwaiting: isAwaiting, hadEffect: hadEffect, now: now)
    }
    guard row.order != order || (hadEffect && !row.hadEffect) else { return row }
    row.order = order
    row.hadEffect = row.hadEffect || hadEffect
    try orders.update(row, isAwaiting: isAwaiting)
    return row
  }
}
