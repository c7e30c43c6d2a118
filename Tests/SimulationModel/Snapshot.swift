/// The database and the numbers of one moment. States, reasons and outcomes are the API's words.
package struct Snapshot: Equatable, Sendable {
  /// Every checkout, order and message that there is, each with all of its rows.
  package var checkouts: [CheckoutRow]
  package var orders: [OrderRow]
  package var messages: [MessageRow]
  /// `GET /status`, if it was asked.
  package var status: Status?
  /// `GET /metrics`: each sample by its name and labels as they stand there, like `nudged_messages{state="dead"}`. Empty
  /// if it was not asked.
  package var metrics: [String: Double]
  /// The ids of `GET /messages`, page by page; nil if it was not asked.
  package var messagePages: [[String]]?
  /// The ids (`shop/checkout_id`) of `GET /checkouts`, page by page; nil if it was not asked.
  package var checkoutPages: [[String]]?

  package init(
    checkouts: [CheckoutRow] = [], orders: [OrderRow] = [], messages: [MessageRow] = [], status: Status? = nil,
    metrics: [String: Double] = [:], messagePages: [[String]]? = nil, checkoutPages: [[String]]? = nil
  ) {
    self.checkouts = checkouts
    self.orders = orders
    self.messages = messages
    self.status = status
    self.metrics = metrics
    self.messagePages = messagePages
    self.checkoutPages = checkoutPages
  }
}

package struct CheckoutRow: Equatable, Sendable {
  package var shop: String
  package var checkoutID: String
  package var email: String
  package var customerID: String?
  package var state: String
  package var generation: Int
  package var occurredAt: Int64
  package var changedAt: Int64
  package var closedAt: Int64?
  /// The order that closed it.
  package var closedBy: String?
  package var nextReminderAt: Int64?
  /// `CheckoutEvent.content` of what is stored; nil if it was not looked at.
  package var content: String?

  package init(
    shop: String = "default", checkoutID: String, email: String, customerID: String? = nil, state: String,
    generation: Int, occurredAt: Int64, changedAt: Int64, closedAt: Int64? = nil, closedBy: String? = nil,
    nextReminderAt: Int64? = nil, content: String? = nil
  ) {
    self.shop = shop
    self.checkoutID = checkoutID
    self.email = email
    self.customerID = customerID
    self.state = state
    self.generation = generation
    self.occurredAt = occurredAt
    self.changedAt = changedAt
    self.closedAt = closedAt
    self.closedBy = closedBy
    self.nextReminderAt = nextReminderAt
    self.content = content
  }
}

package struct OrderRow: Equatable, Sendable {
  package var shop: String
  package var orderID: String
  package var checkoutID: String?
  package var email: String?
  package var customerID: String?
  package var occurredAt: Int64

  package init(
    shop: String = "default", orderID: String, checkoutID: String? = nil, email: String? = nil,
    customerID: String? = nil, occurredAt: Int64
  ) {
    self.shop = shop
    self.orderID = orderID
    self.checkoutID = checkoutID
    self.email = email
    self.customerID = customerID
    self.occurredAt = occurredAt
  }
}

package struct MessageRow: Equatable, Sendable {
  package var id: String
  package var shop: String
  package var checkoutID: String?
  package var orderID: String?
  package var kind: Kind
  package var step: Int?
  package var email: String
  package var state: String
  package var reason: String
  package var dueAt: Int64
  /// Of a reminder: the generation of the checkout that it belongs to.
  package var generation: Int
  package var settledAt: Int64?
  /// In the order in which they began.
  package var attempts: [AttemptRow]

  package init(
    id: String, shop: String = "default", checkoutID: String? = nil, orderID: String? = nil, kind: Kind,
    step: Int? = nil, email: String, state: String, reason: String, dueAt: Int64, generation: Int = 1,
    settledAt: Int64? = nil, attempts: [AttemptRow] = []
  ) {
    self.id = id
    self.shop = shop
    self.checkoutID = checkoutID
    self.orderID = orderID
    self.kind = kind
    self.step = step
    self.email = email
    self.state = state
    self.reason = reason
    self.dueAt = dueAt
    self.generation = generation
    self.settledAt = settledAt
    self.attempts = attempts
  }
}

/// A row of the ledger.
package struct AttemptRow: Equatable, Sendable {
  /// Like `a-3`.
  package var id: String
  /// Like `m-17`.
  package var message: String
  package var startedAt: Int64
  package var settledAt: Int64?
  /// `accepted`, `deferred`, `refused`, `unknown`, `withdrawn`, `render_failed`, or nil while it lasts.
  package var outcome: String?

  package init(id: String, message: String, startedAt: Int64, settledAt: Int64? = nil, outcome: String? = nil) {
    self.id = id
    self.message = message
    self.startedAt = startedAt
    self.settledAt = settledAt
    self.outcome = outcome
  }
}

/// `GET /status`
package struct Status: Equatable, Sendable {
  package var isPaused: Bool
  /// `sender.state`: `ok`, `paused`, `held`, or another word while the clock is in doubt.
  package var sender: String
  package var checkoutsOpen: Int
  package var messagesScheduled: Int
  package var messagesSending: Int
  package var messagesDead: Int
  package var messagesUnknown: Int
  package var sentTotal: Int
  package var nextDueAt: Int64?
  /// Whether sending pauses because of the clock.
  package var isClockInDoubt: Bool

  package init(
    isPaused: Bool = false, sender: String = "ok", checkoutsOpen: Int, messagesScheduled: Int, messagesSending: Int,
    messagesDead: Int, messagesUnknown: Int, sentTotal: Int, nextDueAt: Int64?, isClockInDoubt: Bool = false
  ) {
    self.isPaused = isPaused
    self.sender = sender
    self.checkoutsOpen = checkoutsOpen
    self.messagesScheduled = messagesScheduled
    self.messagesSending = messagesSending
    self.messagesDead = messagesDead
    self.messagesUnknown = messagesUnknown
    self.sentTotal = sentTotal
    self.nextDueAt = nextDueAt
    self.isClockInDoubt = isClockInDoubt
  }
}
