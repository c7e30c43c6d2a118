/// `POST /preview`: what a mail would look like. Nothing is stored and nothing is sent.
package struct PreviewRequest: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case reminder(step: Int)
    case order
  }

  /// The event to make the mail of; nil for a sample.
  package enum Subject: Hashable, Sendable {
    case sample(shop: String)
    case event(Event)
  }

  package var kind: Kind
  package var subject: Subject
  /// In place of the one that the event or the sample says.
  package var locale: String?

  package init(
    kind: Kind, subject: Subject = .sample(shop: CheckoutEvent.standardShop), locale: String? = nil
  ) {
    self.kind = kind
    self.subject = subject
    self.locale = locale
  }
}

extension PreviewRequest {
  /// The longest schedule has this many steps.
  package static let steps = 1...20

  static let fieldNames = ["kind", "step", "shop", "locale", "event"]

  package init(_ json: JSON, now: Timestamp) throws(Problem) {
    var fields = Fields(json)
    let kind = fields.requiredKind()
    self.init(&fields, now: now, kind: kind)
    fields.refuseUnknown(Self.fieldNames)
    try fields.check()
  }

  /// Takes what it knows; whoever calls looks whether anything was wrong.
  init(_ fields: inout Fields, now: Timestamp, kind name: String) {
    let step = fields.step()
    kind = name == "order" ? .order : .reminder(step: step ?? 1)
    if kind == .order && step != nil { fields.complain("step", "belongs to a reminder only") }
    let shop = fields.text("shop", ShopName.complaint)
    subject = .sample(shop: shop ?? CheckoutEvent.standardShop)
    locale = fields.text("locale", LanguageTag.complaint)
    if let event = fields.take("event") {
      do { subject = .event(try Self.event(event, kind: kind, now: now)) } catch {
        fields.adopt(error.errors.map { .init(pointer: "/event" + $0.pointer, detail: $0.detail) })
      }
      if shop != nil { fields.complain("shop", "belongs to a mail without an event; the event says its own") }
    }
  }

  /// An event that says its type, or the one that the kind of mail answers.
  private static func event(_ json: JSON, kind: Kind, now: Timestamp) throws(Problem) -> Event {
    if json["type"] != nil { return try Event(json, now: now) }
    switch kind {
    case .reminder: return .checkout(try CheckoutEvent(json, now: now))
    case .order: return .order(try OrderEvent(json, now: now))
    }
  }

  package var json: JSON {
    var members: [(String, JSON?)] = []
    switch kind {
    case .reminder(let step): members += [("kind", "reminder"), ("step", JSON(step))]
    case .order: members.append(("kind", "order"))
    }
    switch subject {
    case .sample(let shop): members.append(("shop", JSON(shop)))
    case .event(let event): members.append(("event", event.json))
    }
    members.append(("locale", locale.map(JSON.string)))
    return .object(ofSaid: members)
  }
}

extension Fields {
  mutating func kind() -> String? { text("kind", Self.kindComplaint) }

  fileprivate mutating func requiredKind() -> String { requiredText("kind", Self.kindComplaint) }

  private static func kindComplaint(about text: String) -> String? {
    ["reminder", "order"].contains(text) ? nil : "must be \"reminder\" or \"order\""
  }

  fileprivate mutating func step() -> Int? {
    guard let value = take("step") else { return nil }
    if let step = value.integer, PreviewRequest.steps.contains(Int(step)) { return Int(step) }
    complain(
      "step", "must be a whole number from \(PreviewRequest.steps.lowerBound) to \(PreviewRequest.steps.upperBound)")
    return nil
  }
}

/// A mail as people and programs read it: the answer to `POST /preview` and to `GET /messages/{id}/mail`.
package struct PreviewReply: Hashable, Sendable {
  /// `Example Shop <cart@shop.example>`; nil from a daemon that does not say.
  package var from: String?
  package var to: String?
  package var subject: String
  package var text: String
  package var html: String
  /// The whole mail as it would be handed over.
  package var eml: String

  package init(
    from: String? = nil, to: String? = nil, subject: String, text: String, html: String, eml: String
  ) {
    self.from = from
    self.to = to
    self.subject = subject
    self.text = text
    self.html = html
    self.eml = eml
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the mail")
    self.init(
      from: fields.optionalString("from"), to: fields.optionalString("to"), subject: try fields.string("subject"),
      text: try fields.string("text"), html: try fields.string("html"), eml: try fields.string("eml"))
  }

  package var json: JSON {
    .object(ofSaid: [
      ("from", from.map(JSON.string)), ("to", to.map(JSON.string)), ("subject", JSON(subject)), ("text", JSON(text)),
      ("html", JSON(html)), ("eml", JSON(eml)),
    ])
  }
}
