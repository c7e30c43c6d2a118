/// What the mail provider allows, and what we use of it: with `rate: auto`, once it has said so.
package struct QuotaReply: Hashable, Sendable {
  /// Of the account, in the last 24 hours: what went out, and how much of the quota we use at most; nil is no limit.
  package var usedToday: Int
  package var usableToday: Int?
  package var askedAt: Timestamp

  package init(usedToday: Int, usableToday: Int?, askedAt: Timestamp) {
    self.usedToday = usedToday
    self.usableToday = usableToday
    self.askedAt = askedAt
  }
}

/// The messages of one kind of one shop, that wait because their template fails.
package struct HeldTemplateReply: Hashable, Sendable {
  package var shop: String
  package var kind: MessageReply.Kind
  /// What is wrong.
  package var detail: String
  package var since: Timestamp
  /// When one of them is tried again.
  package var probingAt: Timestamp
  /// How many wait.
  package var messages: Int

  package init(
    shop: String, kind: MessageReply.Kind, detail: String, since: Timestamp, probingAt: Timestamp, messages: Int
  ) {
    self.shop = shop
    self.kind = kind
    self.detail = detail
    self.since = since
    self.probingAt = probingAt
    self.messages = messages
  }
}

// MARK: - JSON

extension QuotaReply {
  init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the quota")
    self.init(
      usedToday: try fields.integer("used_today"), usableToday: fields.optionalInteger("usable_today"),
      askedAt: try fields.time("asked_at"))
  }

  var json: JSON {
    ["used_today": JSON(usedToday), "usable_today": JSON(usableToday), "asked_at": JSON(askedAt)]
  }
}

extension HeldTemplateReply {
  init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "a held template")
    self.init(
      shop: try fields.string("shop"),
      kind: fields.optionalInteger("step").map { .reminder(step: $0) } ?? .order,
      detail: try fields.string("detail"), since: try fields.time("since"),
      probingAt: try fields.time("probing_at"), messages: try fields.integer("messages"))
  }

  var json: JSON {
    var step: Int?
    if case .reminder(let number) = kind { step = number }
    return [
      "shop": JSON(shop), "kind": JSON(step == nil ? "order" : "reminder"), "step": JSON(step),
      "detail": JSON(detail), "since": JSON(since), "probing_at": JSON(probingAt), "messages": JSON(messages),
    ]
  }
}
