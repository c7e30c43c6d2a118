/// What a shopper left behind or has ordered, as the shop described it. Amounts are decimal strings, digit for digit.
package struct Cart: Hashable, Sendable {
  package struct Item: Hashable, Sendable {
    package var name: String
    package var quantity: Int
    /// Of one piece.
    package var price: String?
    package var imageURL: String?
    package var url: String?

    package init(
      name: String, quantity: Int = 1, price: String? = nil, imageURL: String? = nil, url: String? = nil
    ) {
      self.name = name
      self.quantity = quantity
      self.price = price
      self.imageURL = imageURL
      self.url = url
    }
  }

  /// The shopper's name.
  package var name: String?
  /// A BCP 47 tag.
  package var locale: String?
  package var timeZone: String?
  /// Where the shopper goes on with the checkout, or sees the order.
  package var url: String?
  package var items: [Item]
  package var total: String?
  /// An ISO 4217 code.
  package var currency: String?
  /// Whatever else the shop sent; templates reach it as `metadata`.
  package var metadata: TemplateValue

  package init(
    name: String? = nil, locale: String? = nil, timeZone: String? = nil, url: String? = nil, items: [Item] = [],
    total: String? = nil, currency: String? = nil, metadata: TemplateValue = .null
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
}
