// MARK: - Validation

extension CartContent {
  /// Takes the content's fields from an event.
  ///
  /// - Parameter saysPlace: whether the event may say `locale` and `time_zone`.
  init(_ fields: inout Fields, saysPlace: Bool) {
    self.init()
    name = fields.text("name", PlainText.rule(characters: Limits.nameCharacters))
    if saysPlace {
      locale = fields.text("locale", LanguageTag.complaint)
      timeZone = fields.text("time_zone", TimeZoneName.complaint)
    }
    url = fields.text("url", WebAddress.complaint)
    items = fields.items()
    total = fields.amount("total")
    currency = fields.text("currency", Currency.complaint)
    metadata = fields.take("metadata")
  }
}

extension CartContent.Item {
  static let fieldNames = ["name", "quantity", "price", "image_url", "url"]

  init(_ fields: inout Fields) {
    self.init(name: fields.requiredText("name", PlainText.rule(characters: Limits.itemNameCharacters)))
    quantity = fields.quantity("quantity") ?? 1
    price = fields.amount("price")
    imageURL = fields.text("image_url", WebAddress.complaint)
    url = fields.text("url", WebAddress.complaint)
    fields.refuseUnknown(Self.fieldNames)
  }
}

extension Fields {
  fileprivate mutating func items() -> [CartContent.Item]? {
    guard let value = take("items") else { return nil }
    guard case .array(let values) = value else {
      complain("items", "must be an array, not \(value.kind)")
      return nil
    }
    guard values.count <= Limits.items else {
      complain("items", "must be at most \(Limits.items) items, not \(values.count)")
      return nil
    }
    var items: [CartContent.Item] = []
    items.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      var fields = Fields(value, at: .item(index))
      items.append(CartContent.Item(&fields))
      adopt(fields.errors, more: fields.moreErrors)
    }
    return items
  }

  fileprivate mutating func quantity(_ name: String) -> Int? {
    guard let value = take(name) else { return nil }
    guard case .number(let literal) = value else {
      complain(name, "must be a whole number, not \(value.kind)")
      return nil
    }
    guard let quantity = Int(literal), (1...Limits.quantity).contains(quantity) else {
      complain(name, "must be a whole number from 1 to \(Limits.quantity), not \(literal.prefix(32))")
      return nil
    }
    return quantity
  }

  /// An amount of money: a decimal number as a string, or as a JSON number that is taken digit for digit.
  fileprivate mutating func amount(_ name: String) -> String? {
    guard let value = take(name) else { return nil }
    let text: String
    switch value {
    case .string(let string): text = string
    case .number(let literal): text = literal
    default:
      complain(name, "must be a decimal number as a string, like \"12.50\", not \(value.kind)")
      return nil
    }
    guard let complaint = Amount.complaint(about: text) else { return text }
    complain(name, complaint)
    return nil
  }

  /// A time that is not ahead of `now`.
  mutating func time(_ name: String, now: Timestamp) -> Timestamp? {
    guard let text = text(name, { _ in nil }) else { return nil }
    guard let time = Timestamp(rfc3339: text) else {
      complain(name, "must be a time by RFC 3339, like \"2026-11-22T12:00:00Z\"")
      return nil
    }
    guard time.milliseconds >= 0 else {
      complain(name, "must not be before 1970")
      return nil
    }
    guard time <= now.advanced(by: Limits.timeAhead) else {
      complain(name, "must not lie more than 5 minutes ahead; here it is \(now.rfc3339)")
      return nil
    }
    return time
  }
}
