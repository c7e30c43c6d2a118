/// What a client or an operator asks of nudged.
package enum Request: Equatable, Sendable {
  /// `POST /checkout`
  case checkout(CheckoutEvent)
  /// `POST /order`
  case order(OrderEvent)
  /// `POST /events`, line by line
  case events([Line])
  /// `POST /messages/{id}/retry`
  case retry(message: String)
  /// `POST /messages/{id}/drop`
  case drop(message: String)
  /// `POST /messages/retry`
  case retryAll(Selection)
  /// `POST /messages/drop`
  case dropAll(Selection)
  /// `POST /pause`
  case pause
  /// `POST /resume`
  case resume
  /// The operator says that the wall clock is right after all (`nudgectl clock accept`).
  case acceptClock
}

/// A line of a bulk import.
package enum Line: Equatable, Sendable {
  case checkout(CheckoutEvent)
  case order(OrderEvent)
  /// One that has to be rejected.
  case invalid
}

/// A checkout as the shop tells it.
package struct CheckoutEvent: Equatable, Sendable {
  package var shop: String
  package var checkoutID: String
  /// If the event carries both ids.
  package var orderID: String?
  package var email: String
  package var customerID: String?
  /// All else that the event says (items, name, total, url, …), as a word: two events have the same content if and only
  /// if this, the ids and the address are the same. `occurredAt` is not content.
  package var content: String
  /// `"items": []`
  package var isEmpty: Bool
  /// UTC milliseconds; nil if the event does not say.
  package var occurredAt: Int64?
  /// The validation has to refuse it (422).
  package var isInvalid: Bool

  package init(
    shop: String = "default", checkoutID: String, orderID: String? = nil, email: String, customerID: String? = nil,
    content: String = "", isEmpty: Bool = false, occurredAt: Int64? = nil, isInvalid: Bool = false
  ) {
    self.shop = shop
    self.checkoutID = checkoutID
    self.orderID = orderID
    self.email = email
    self.customerID = customerID
    self.content = content
    self.isEmpty = isEmpty
    self.occurredAt = occurredAt
    self.isInvalid = isInvalid
  }
}

/// An order as the shop tells it.
package struct OrderEvent: Equatable, Sendable {
  package var shop: String
  package var orderID: String
  package var checkoutID: String?
  package var email: String?
  package var customerID: String?
  /// UTC milliseconds; nil if the event does not say.
  package var occurredAt: Int64?
  /// The validation has to refuse it (422).
  package var isInvalid: Bool

  package init(
    shop: String = "default", orderID: String, checkoutID: String? = nil, email: String? = nil,
    customerID: String? = nil, occurredAt: Int64? = nil, isInvalid: Bool = false
  ) {
    self.shop = shop
    self.orderID = orderID
    self.checkoutID = checkoutID
    self.email = email
    self.customerID = customerID
    self.occurredAt = occurredAt
    self.isInvalid = isInvalid
  }
}

/// Dead letters by the many: all to which each given value applies.
package struct Selection: Equatable, Sendable {
  /// `dead` or `unknown`
  package var state: String
  package var reason: String?
  package var shop: String?
  package var kind: Kind?

  package init(state: String, reason: String? = nil, shop: String? = nil, kind: Kind? = nil) {
    self.state = state
    self.reason = reason
    self.shop = shop
    self.kind = kind
  }
}

/// What nudged answered.
package enum Answer: Equatable, Sendable {
  /// 202 to a checkout
  case checkout(CheckoutReply)
  /// 202 to an order
  case order(OrderReply)
  /// 200 to a bulk import; `rejected` holds the numbers of the lines, from 1.
  case events(accepted: Int, rejected: [Int])
  /// 200 to a retry or a drop: the message as it is now
  case message(MessageRow)
  /// 200 to a retry or drop of many: how many it was done to, and how many were left, by reason
  case messages(done: Int, left: [String: Int])
  /// 200 to pause or resume
  case paused(Bool)
  /// 200 to anything else
  case done
  /// A problem: the HTTP status and the code after `urn:nudged:problem:`. 4xx means that nothing was done. After 5xx the
  /// client cannot know.
  case problem(status: Int, code: String)
}

/// The answer to a checkout.
package struct CheckoutReply: Equatable, Sendable {
  package var shop: String
  package var checkoutID: String
  /// `open`, `cancelled`, `ordered`
  package var state: String
  package var generation: Int
  package var changed: Bool
  package var nextReminderAt: Int64?

  package init(
    shop: String = "default", checkoutID: String, state: String, generation: Int, changed: Bool, nextReminderAt: Int64?
  ) {
    self.shop = shop
    self.checkoutID = checkoutID
    self.state = state
    self.generation = generation
    self.changed = changed
    self.nextReminderAt = nextReminderAt
  }
}

/// The answer to an order.
package struct OrderReply: Equatable, Sendable {
  package var orderID: String
  package var closed: [String]
  package var remindersCancelled: Int
  package var remindersInFlight: Int
  /// `order_message` is `queued`, not `none`.
  package var isQueued: Bool

  package init(orderID: String, closed: [String], remindersCancelled: Int, remindersInFlight: Int, isQueued: Bool) {
    self.orderID = orderID
    self.closed = closed
    self.remindersCancelled = remindersCancelled
    self.remindersInFlight = remindersInFlight
    self.isQueued = isQueued
  }
}
