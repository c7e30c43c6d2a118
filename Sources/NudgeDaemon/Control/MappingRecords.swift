import NudgeAPI
import NudgeDomain
import NudgeStore

/// How a message is named outside: "m-17".
enum MessageID {
  static func text(_ id: Int64) -> String { "m-\(id)" }

  static func number(_ text: String) -> Int64? {
    guard text.hasPrefix("m-"), let id = Int64(text.dropFirst(2)), id > 0, self.text(id) == text else { return nil }
    return id
  }
}

extension CheckoutSummary {
  init(_ record: CheckoutRecord) {
    let checkout = record.checkout
    self.init(
      shop: checkout.latest.key.shop, checkoutID: checkout.latest.key.id, orderID: checkout.latest.orderID,
      email: checkout.latest.email, customerID: checkout.latest.customerID, state: checkout.state.rawValue,
      generation: checkout.generation, occurredAt: Timestamp(checkout.latest.occurredAt),
      createdAt: Timestamp(record.createdAt), changedAt: Timestamp(record.changedAt),
      closedAt: record.closedAt.map(Timestamp.init), closedBy: record.closedBy,
      nextReminderAt: record.nextReminderAt.map(Timestamp.init))
  }
}

extension MessageReply {
  init(_ record: MessageRecord) {
    self.init(
      id: MessageID.text(record.id), shop: record.shop, checkoutID: record.checkoutID, orderID: record.orderID,
      kind: Kind(record.kind), email: record.email, state: record.state.rawValue, reason: record.reason.rawValue,
      dueAt: Timestamp(record.dueAt), generation: record.generation, createdAt: Timestamp(record.createdAt),
      settledAt: record.settledAt.map(Timestamp.init), attempts: record.attempts.map(AttemptReply.init),
      actions: record.actions.map(OperatorActionReply.init))
  }
}

extension OperatorActionReply {
  init(_ record: OperatorRecord) {
    self.init(
      at: Timestamp(record.at), action: record.action.verb.rawValue, result: record.action.result,
      user: record.who?.name, uid: record.who.map { Int($0.uid) }, gid: record.who.map { Int($0.gid) },
      pid: record.who.map { Int($0.pid) })
  }
}

extension MessageReply.Kind {
  init(_ kind: Message.Kind) {
    switch kind {
    case .reminder(let step): self = .reminder(step: step)
    case .order: self = .order
    }
  }
}

extension AttemptReply {
  init(_ record: AttemptRecord) {
    self.init(
      id: "a-\(record.id)", startedAt: Timestamp(record.startedAt), settledAt: record.settledAt.map(Timestamp.init),
      outcome: record.outcome, providerID: record.providerID, error: record.error)
  }
}

extension SenderReply {
  init(_ report: SenderReport, isPaused: Bool) {
    switch report.state {
    case _ where isPaused: self.init(transport: report.transport, state: .paused)
    case .ok: self.init(transport: report.transport, state: .ok)
    case .held(let reason, let until):
      self.init(
        transport: report.transport, state: .held, detail: reason, probingAt: until.map(Timestamp.init),
        heldSince: report.since.map(Timestamp.init))
    }
    ratePerSecond = report.perSecond.map { "\($0)" }
  }
}

extension QuotaReply {
  init(_ report: QuotaReport) {
    self.init(usedToday: report.used, usableToday: report.usable, askedAt: Timestamp(report.askedAt))
  }
}

extension HeldTemplateReply {
  init(_ stream: HeldStream) {
    self.init(
      shop: stream.shop, kind: MessageReply.Kind(stream.kind), detail: stream.error, since: Timestamp(stream.since),
      probingAt: Timestamp(stream.probeAt), messages: stream.messages)
  }
}

extension StatusReply.Counts {
  init(_ summary: Summary) {
    self.init(
      checkoutsOpen: summary.checkoutsOpen, messagesScheduled: summary.messagesScheduled,
      messagesSending: summary.messagesSending, messagesDead: summary.messagesDead,
      messagesUnknown: summary.messagesUnknown, sentTotal: summary.sentTotal, eventsTotal: summary.eventsTotal)
  }
}
