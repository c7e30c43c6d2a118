/// What a shop says of a cart or an order for the shopper's eyes: what mails are made of.
package struct CartContent: Hashable, Sendable {
  package var name: String?
  package var locale: String?
  package var timeZone: String?
  package var url: String?
  /// Nil if the event did not say; empty if it said that there are none any more.
  package var items: [Item]?
  package var total: String?
  package var currency: String?
  package var metadata: JSON?

  package init(
    name: String? = nil, locale: String? = nil, timeZone: String? = nil, url: String? = nil, items: [Item]? = nil,
    total: String? = nil, currency: String? = nil, metadata: JSON? = nil
  ) {
    self.name = name
    self.locale = locale
    self.timeZone = timeZone
    self.url = url
    self.items = items
    self.total = total
    self.currency = currency
    self.metadata = metadata
  }

  /// One line of the cart.
  package struct Item: Hashable, Sendable {
    package var name: String
    package var quantity: Int
    /// Of one piece, as a decimal number.
    package var price: String?
    package var imageURL: String?
    package var url: String?

    package init(name: String, quantity: Int = 1, price: String? = nil, imageURL: String? = nil, url: String? = nil) {
      self.name = name
      self.quantity = quantity
      self.price = price
      self.imageURL = imageURL
      self.url = url
    }
  }
}

// MARK: - Canonical text

extension CartContent {
  /// The content as JSON text with every object's members sorted: equal text is equal content.
  package var canonical: String {
    // Written in the order of the names: a tree of values on the way cost four times as much, for every event.
    var writer = TextWriter()
    writer.object { writer in
      writer.member("currency", ifSaid: currency)
      if let items {
        writer.member("items") { $0.array { for item in items { $0.element(item.writeCanonical) } } }
      }
      writer.member("locale", ifSaid: locale)
      if let metadata { writer.member("metadata") { $0.value(metadata.sorted) } }
      writer.member("name", ifSaid: name)
      writer.member("time_zone", ifSaid: timeZone)
      writer.member("total", ifSaid: total)
      writer.member("url", ifSaid: url)
    }
    return writer.text
  }

  /// Reads what `canonical` wrote. The text was valid when it was written, so that only its shape is looked at.
  package static func parsing(_ content: String) throws(ReplyError) -> CartContent {
    let json: JSON
    do { json = try JSON(parsing: content) } catch { throw ReplyError(description: "content: \(error)") }
    return try CartContent(json: json)
  }

  /// Reads the members of a reply or of canonical text.
  init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the content")
    self.init(
      name: fields.optionalString("name"), locale: fields.optionalString("locale"),
      timeZone: fields.optionalString("time_zone"), url: fields.optionalString("url"),
      items: try fields.optionalArray("items", of: Item.init(json:)), total: fields.optionalString("total"),
      currency: fields.optionalString("currency"), metadata: fields.optional("metadata"))
  }

  /// The members of an event or a reply, in the order in which people read them.
  var members: [(String, JSON?)] {
    [
      ("name", name.map(JSON.string)),
      ("locale", locale.map(JSON.string)),
      ("time_zone", timeZone.map(JSON.string)),
      ("url", url.map(JSON.string)),
      ("items", items.map { .array($0.map(\.json)) }),
      ("total", total.map(JSON.string)),
      ("currency", currency.map(JSON.string)),
      ("metadata", metadata),
    ]
  }
}

extension CartContent.Item {
  /// With its members in the order of their names.
  fileprivate func writeCanonical(to writer: inout TextWriter) {
    writer.object { writer in
      writer.member("image_url", ifSaid: imageURL)
      writer.member("name", name)
      writer.member("price", ifSaid: price)
      writer.member("quantity", quantity)
      writer.member("url", ifSaid: url)
    }
  }

  var json: JSON {
    .object(ofSaid: [
      ("name", JSON(name)), ("quantity", JSON(quantity)), ("price", price.map(JSON.string)),
      ("image_url", imageURL.map(JSON.string)), ("url", url.map(JSON.string)),
    ])
  }

  init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "an item")
    self.init(
      name: try fields.string("name"), quantity: try fields.integer("quantity"), price: fields.optionalString("price"),
      imageURL: fields.optionalString("image_url"), url: fields.optionalString("url"))
  }
}
