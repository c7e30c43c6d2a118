/// `GET /status`: how the daemon is.
package struct StatusReply: Hashable, Sendable {
  package var version: String
  package var startedAt: Timestamp
  package var paused: Bool
  package var sender: SenderReply
  package var counts: Counts
  package var nextDueAt: Timestamp?
  /// How late the oldest message is that should have gone out.
  package var oldestDueLagMilliseconds: Int
  package var databaseBytes: Int
  package var walBytes: Int
  package var quota: QuotaReply?
  package var heldTemplates: [HeldTemplateReply]
  /// When the database was copied, if it is a copy that nobody has taken on yet: nothing is sent until then.
  package var restoredFrom: Timestamp?

  package init(
    version: String, startedAt: Timestamp, paused: Bool, sender: SenderReply, counts: Counts, nextDueAt: Timestamp?,
    oldestDueLagMilliseconds: Int, databaseBytes: Int, walBytes: Int, quota: QuotaReply? = nil,
    heldTemplates: [HeldTemplateReply] = [], restoredFrom: Timestamp? = nil
  ) {
    self.version = version
    self.startedAt = startedAt
    self.paused = paused
    self.sender = sender
    self.counts = counts
    self.nextDueAt = nextDueAt
    self.oldestDueLagMilliseconds = oldestDueLagMilliseconds
    self.databaseBytes = databaseBytes
    self.walBytes = walBytes
    self.quota = quota
    self.heldTemplates = heldTemplates
    self.restoredFrom = restoredFrom
  }

  package struct Counts: Hashable, Sendable {
    package var checkoutsOpen: Int
    package var messagesScheduled: Int
    package var messagesSending: Int
    package var messagesDead: Int
    package var messagesUnknown: Int
    package var sentTotal: Int
    package var eventsTotal: Int

    package init(
      checkoutsOpen: Int, messagesScheduled: Int, messagesSending: Int, messagesDead: Int, messagesUnknown: Int,
      sentTotal: Int, eventsTotal: Int
    ) {
      self.checkoutsOpen = checkoutsOpen
      self.messagesScheduled = messagesScheduled
      self.messagesSending = messagesSending
      self.messagesDead = messagesDead
      self.messagesUnknown = messagesUnknown
      self.sentTotal = sentTotal
      self.eventsTotal = eventsTotal
    }
  }
}

/// How the sender of mails is.
package struct SenderReply: Hashable, Sendable {
  package enum State: String, CaseIterable, Sendable {
    case ok
    /// A person has paused it.
    case paused
    /// The mail server or the account has a problem that every message would meet.
    case held
  }

  /// `ses`, `smtp`, `sendmail` or `maildir`.
  package var transport: String
  package var state: State
  /// Why it is held.
  package var detail: String?
  /// When it tries again by itself.
  package var probingAt: Timestamp?
  /// From when it is held.
  package var heldSince: Timestamp?
  /// Mails per second that go out at most just now, as a decimal number; nil is no limit.
  package var ratePerSecond: String?

  package init(
    transport: String, state: State, detail: String? = nil, probingAt: Timestamp? = nil, heldSince: Timestamp? = nil,
    ratePerSecond: String? = nil
  ) {
    self.transport = transport
    self.state = state
    self.detail = detail
    self.probingAt = probingAt
    self.heldSince = heldSince
    self.ratePerSecond = ratePerSecond
  }
}

// MARK: - JSON

extension StatusReply {
  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the status")
    self.init(
      version: try fields.string("version"), startedAt: try fields.time("started_at"),
      paused: try fields.bool("paused"), sender: try SenderReply(json: try fields.json("sender")),
      counts: try Counts(fields), nextDueAt: fields.optionalTime("next_due_at"),
      oldestDueLagMilliseconds: try fields.integer("oldest_due_lag_ms"),
      databaseBytes: try fields.integer("database_bytes"), walBytes: try fields.integer("wal_bytes"),
      quota: try fields.optional("quota").map { (json) throws(ReplyError) in try QuotaReply(json: json) },
      heldTemplates: try fields.optionalArray("held_templates", of: HeldTemplateReply.init(json:)) ?? [],
      restoredFrom: fields.optionalTime("restored_from"))
  }

  package var json: JSON {
    [
      "version": JSON(version), "started_at": JSON(startedAt), "paused": JSON(paused), "sender": sender.json,
      "checkouts_open": JSON(counts.checkoutsOpen), "messages_scheduled": JSON(counts.messagesScheduled),
      "messages_sending": JSON(counts.messagesSending), "messages_dead": JSON(counts.messagesDead),
      "messages_unknown": JSON(counts.messagesUnknown), "sent_total": JSON(counts.sentTotal),
      "events_total": JSON(counts.eventsTotal), "next_due_at": JSON(nextDueAt),
      "oldest_due_lag_ms": JSON(oldestDueLagMilliseconds), "database_bytes": JSON(databaseBytes),
      "wal_bytes": JSON(walBytes), "quota": quota?.json ?? .null,
      "held_templates": .array(heldTemplates.map(\.json)), "restored_from": JSON(restoredFrom),
    ]
  }
}

extension StatusReply.Counts {
  init(_ fields: ReplyFields) throws(ReplyError) {
    self.init(
      checkoutsOpen: try fields.integer("checkouts_open"), messagesScheduled: try fields.integer("messages_scheduled"),
      messagesSending: try fields.integer("messages_sending"), messagesDead: try fields.integer("messages_dead"),
      messagesUnknown: fields.optionalInteger("messages_unknown") ?? 0, sentTotal: try fields.integer("sent_total"),
      eventsTotal: fields.optionalInteger("events_total") ?? 0)
  }
}

extension SenderReply {
  init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the sender's status")
    self.init(
      transport: try fields.string("transport"), state: State(rawValue: try fields.string("state")) ?? .ok,
      detail: fields.optionalString("detail"), probingAt: fields.optionalTime("probing_at"),
      heldSince: fields.optionalTime("held_since"), ratePerSecond: fields.optional("rate_per_second")?.literal)
  }

  var json: JSON {
    [
      "transport": JSON(transport), "state": JSON(state.rawValue), "detail": JSON(detail),
      "probing_at": JSON(probingAt), "held_since": JSON(heldSince),
      "rate_per_second": ratePerSecond.map { .number($0) } ?? .null,
    ]
  }
}

extension JSON {
  /// The number as it is written.
  fileprivate var literal: String? {
    guard case .number(let literal) = self else { return nil }
    return literal
  }
}
