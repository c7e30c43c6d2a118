package import NudgeAPI
import NudgeDomain
package import NudgeMail
package import NudgeStore

extension Cart {
  /// What a message shows: the checkout, or the order with what it left to the checkout to say.
  package init(_ content: ClaimContent) throws(CompositionError) {
    let checkout = try content.checkoutContent.map { (text) throws(CompositionError) in try CartContent(stored: text) }
    let order = try content.orderContent.map { (text) throws(CompositionError) in try CartContent(stored: text) }
    switch content.kind {
    case .reminder: self.init(checkout ?? CartContent())
    case .order: self.init((order ?? CartContent()).completed(by: checkout ?? CartContent()))
    }
  }

  package init(_ content: CartContent) {
    self.init(
      name: content.name, locale: content.locale, timeZone: content.timeZone, url: content.url,
      items: (content.items ?? []).map(Item.init), total: content.total, currency: content.currency,
      metadata: content.metadata.map(TemplateValue.init) ?? .null)
  }
}

extension CartContent {
  fileprivate init(stored text: String) throws(CompositionError) {
    do throws(ReplyError) {
      self = try CartContent.parsing(text)
    } catch {
      throw .refused(field: "content", because: "cannot be read: \(error.description)")
    }
  }

  /// An order says less than its checkout did. The items and the total belong together, and the checkout's page is no
  /// page for an order.
  fileprivate func completed(by checkout: CartContent) -> CartContent {
    var content = self
    content.name = name ?? checkout.name
    content.locale = locale ?? checkout.locale
    content.timeZone = timeZone ?? checkout.timeZone
    content.currency = currency ?? checkout.currency
    content.metadata = metadata ?? checkout.metadata
    guard items == nil else { return content }
    content.items = checkout.items
    content.total = total ?? checkout.total
    return content
  }
}

extension Cart.Item {
  fileprivate init(_ item: CartContent.Item) {
    self.init(name: item.name, quantity: item.quantity, price: item.price, imageURL: item.imageURL, url: item.url)
  }
}

extension TemplateValue {
  fileprivate init(_ json: JSON) {
    switch json {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .number(let literal): self = .number(literal)
    case .string(let value): self = .string(value)
    case .array(let values): self = .array(values.map(TemplateValue.init))
    case .object(let members): self = .object(members.map { Member(name: $0.name, value: TemplateValue($0.value)) })
    }
  }
}
