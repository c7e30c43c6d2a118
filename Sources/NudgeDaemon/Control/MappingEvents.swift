import NudgeAPI
import NudgeDomain
import NudgeStore

extension Timestamp {
  init(_ moment: Moment) { self.init(milliseconds: moment.milliseconds) }
}

extension Moment {
  init(_ timestamp: Timestamp) { self.init(milliseconds: timestamp.milliseconds) }
}

extension CheckoutChange {
  /// - Parameter now: when the event happened, if it does not say.
  init(_ event: CheckoutEvent, now: Moment) {
    self.init(
      key: CheckoutKey(shop: event.shop, id: event.checkoutID), orderID: event.orderID, email: event.email,
      customerID: event.customerID, occurredAt: event.occurredAt.map(Moment.init) ?? now, content: event.content,
      isEmpty: event.cart.items?.isEmpty ?? false)
  }
}

extension Order {
  /// - Parameter now: when the event happened, if it does not say.
  init(_ event: OrderEvent, now: Moment) {
    self.init(
      shop: event.shop, id: event.orderID, checkoutID: event.checkoutID, email: event.email,
      customerID: event.customerID, occurredAt: event.occurredAt.map(Moment.init) ?? now,
      isTimeStated: event.occurredAt != nil, content: event.content)
  }
}

extension ShopEvent {
  init(_ event: Event, now: Moment) {
    switch event {
    case .checkout(let event): self = .checkout(CheckoutChange(event, now: now))
    case .order(let event): self = .order(Order(event, now: now))
    }
  }
}

extension EventReceipt {
  /// Messages that a hand-over may have begun for and that are not wanted any more.
  var inFlight: [Int64] {
    switch self {
    case .checkout(let receipt): receipt.inFlight
    case .order(let receipt): receipt.inFlight
    }
  }

  /// What became due; nil if nothing did.
  var due: Moment? {
    switch self {
    case .checkout(let receipt): receipt.changed ? receipt.nextReminderAt : nil
    case .order(let receipt): receipt.orderMessageDue
    }
  }
}

extension CheckoutReply {
  init(_ receipt: CheckoutReceipt) {
    self.init(
      shop: receipt.key.shop, checkoutID: receipt.key.id, state: receipt.state.rawValue,
      generation: receipt.generation, changed: receipt.changed,
      nextReminderAt: receipt.nextReminderAt.map(Timestamp.init))
  }
}

extension OrderReply {
  /// - Parameter recalled: how many of the reminders in flight have been taken back.
  init(_ receipt: OrderReceipt, shop: String, recalled: Int) {
    self.init(
      shop: shop, orderID: receipt.orderID, closed: receipt.closed,
      remindersCancelled: receipt.remindersCancelled + recalled,
      remindersInFlight: receipt.inFlight.count - recalled,
      orderMessage: receipt.orderMessageDue == nil ? .none : .queued)
  }
}
