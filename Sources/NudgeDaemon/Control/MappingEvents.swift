import NudgeAPI
import NudgeDomain
import NudgeStore

extension Timestamp {
  init(_ moment: Moment) { self.init(milliseconds: moment.milliseconds) }
}

extension Moment {
  init(_ timestamp: Timestamp) { self.init(milliseconds: timestamp.milliseconds) }
}

/// When an event is heard.
struct Hearing: Hashable, Sendable {
  /// When it happened, if it does not say.
  var now: Moment
  /// How far the wall clock is ahead of that, while it is doubted: a shop on the same machine states times by it.
  var ahead = Duration.zero

  /// The latest that the wall clock can be, for somebody who looks at it.
  var latest: Timestamp { Timestamp(now.advanced(by: ahead)) }

  /// When it happened. What only the doubted wall clock can have said is taken back to the time that is believed.
  func time(stated: Timestamp?) -> Moment {
    guard let stated = stated.map(Moment.init) else { return now }
    guard ahead > .zero, stated > now.advanced(by: Limits.timeAhead) else { return stated }
    return stated.advanced(by: .zero - ahead)
  }
}

extension Engine {
  var hearing: Hearing { Hearing(now: surroundings.now(), ahead: surroundings.ahead()) }
}

extension CheckoutChange {
  init(_ event: CheckoutEvent, heard: Hearing) {
    self.init(
      key: CheckoutKey(shop: event.shop, id: event.checkoutID), orderID: event.orderID, email: event.email,
      customerID: event.customerID, occurredAt: heard.time(stated: event.occurredAt),
      isTimeStated: event.occurredAt != nil,
      content: event.content, isEmpty: event.cart.items?.isEmpty ?? false)
  }
}

extension Order {
  init(_ event: OrderEvent, heard: Hearing) {
    self.init(
      shop: event.shop, id: event.orderID, checkoutID: event.checkoutID, email: event.email,
      customerID: event.customerID, occurredAt: heard.time(stated: event.occurredAt),
      isTimeStated: event.occurredAt != nil, content: event.content)
  }
}

extension ShopEvent {
  init(_ event: Event, heard: Hearing) {
    switch event {
    case .checkout(let event): self = .checkout(CheckoutChange(event, heard: heard))
    case .order(let event): self = .order(Order(event, heard: heard))
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
