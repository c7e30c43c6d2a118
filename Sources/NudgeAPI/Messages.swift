/// `GET /messages/{id}`, and one of a list: a mail to a shopper, what became of it, and why.
package struct MessageReply: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case reminder(step: Int)
    case order
  }

  /// "m-17".
  package var id: String
  package var shop: String
  package var checkoutID: String?
  package var orderID: String?
  package var kind: Kind
  package var email: String
  /// `scheduled`, `sending`, `sent`, `dead`, `unknown`, `cancelled` or `skipped`.
  package var state: String
  /// One of the closed list of reasons.
  package var reason: String
  package var dueAt: Timestamp
  package var generation: Int
  package var createdAt: Timestamp
  package var settledAt: Timestamp?
  package var attempts: [AttemptReply]
  /// What operators did to it, the oldest first, as far as it is remembered.
  package var actions: [OperatorActionReply]

  package init(
    id: String, shop: String, checkoutID: String?, orderID: String?, kind: Kind, email: String, state: String,
    reason: String, dueAt: Timestamp, generation: Int, createdAt: Timestamp, settledAt: Timestamp?,
    attempts: [AttemptReply], actions: [OperatorActionReply] = []
  ) {
    self.id = id
    self.shop = shop
    self.checkoutID = checkoutID
    self.orderID = orderID
    self.kind = kind
    self.email = email
    self.state = state
    self.reason = reason
    self.dueAt = dueAt
    self.generation = generation
    self.createdAt = createdAt
    self.settledAt = settledAt
    self.attempts = attempts
    self.actions = actions
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "a message")
    let isOrder = try fields.string("kind") == "order"
    self.init(
      id: try fields.string("id"), shop: try fields.string("shop"), checkoutID: fields.optionalString("checkout_id"),
      orderID: fields.optionalString("order_id"),
      kind: isOrder ? .order : .reminder(step: try fields.integer("step")), email: try fields.string("email"),
      state: try fields.string("state"), reason: try fields.string("reason"), dueAt: try fields.time("due_at"),
      generation: try fields.integer("generation"), createdAt: try fields.time("created_at"),
      settledAt: fields.optionalTime("settled_at"),
      attempts: try fields.array("attempts", of: AttemptReply.init(json:)),
      actions: try fields.optionalArray("actions", of: OperatorActionReply.init(json:)) ?? [])
  }

  package var json: JSON {
    let (kind, step): (String, Int?) =
      switch kind {
      case .reminder(let step): ("reminder", step)
      case .order: ("order", nil)
      }
    return [
      "id": JSON(id), "shop": JSON(shop), "checkout_id": JSON(checkoutID), "order_id": JSON(orderID),
      "kind": JSON(kind), "step": JSON(step), "email": JSON(email), "state": JSON(state), "reason": JSON(reason),
      "due_at": JSON(dueAt), "generation": JSON(generation), "created_at": JSON(createdAt),
      "settled_at": JSON(settledAt), "attempts": .array(attempts.map(\.json)),
      "actions": .array(actions.map(\.json)),
    ]
  }
}

/// One hand-over of a message to a mail server, or the beginning of one.
package struct AttemptReply: Hashable, Sendable {
  /// "a-99".
  package var id: String
  package var startedAt: Timestamp
  package var settledAt: Timestamp?
  /// `accepted`, `deferred`, `refused`, `unknown`, `withdrawn` or `render_failed`; nil while it lasts.
  package var outcome: String?
  package var providerID: String?
  package var error: String?

  package init(
    id: String, startedAt: Timestamp, settledAt: Timestamp?, outcome: String?, providerID: String?, error: String?
  ) {
    self.id = id
    self.startedAt = startedAt
    self.settledAt = settledAt
    self.outcome = outcome
    self.providerID = providerID
    self.error = error
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "an attempt")
    self.init(
      id: try fields.string("id"), startedAt: try fields.time("started_at"),
      settledAt: fields.optionalTime("settled_at"), outcome: fields.optionalString("outcome"),
      providerID: fields.optionalString("provider_id"), error: fields.optionalString("error"))
  }

  package var json: JSON {
    [
      "id": JSON(id), "started_at": JSON(startedAt), "settled_at": JSON(settledAt), "outcome": JSON(outcome),
      "provider_id": JSON(providerID), "error": JSON(error),
    ]
  }
}

/// `GET /messages`, newest first.
package struct MessagePage: Hashable, Sendable {
  package var messages: [MessageReply]
  /// What `after` says for the next page; nil on the last.
  package var next: String?

  package init(messages: [MessageReply], next: String?) {
    self.messages = messages
    self.next = next
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the list of messages")
    self.init(
      messages: try fields.array("messages", of: MessageReply.init(json:)), next: fields.optionalString("next"))
  }

  package var json: JSON { ["messages": .array(messages.map(\.json)), "next": JSON(next)] }
}
