import NudgeDomain

/// What the variables of one mail stand for: what the request says, ready to be shown. What the event does not carry is
/// not there, so that a template must guard it.
struct MailVariables {
  /// Characters of an amount that a narrow screen shows on one line.
  private static let longestAmount = 15
  /// Bytes of an address that somebody may want to see and copy.
  private static let longestShownURL = 120

  private let request: MailRequest
  private let amounts: AmountFormat
  /// Nil if the event names no time zone: the day could be a wrong one.
  private let dates: DateFormat?
  private let shown: ShownItems

  init(_ request: MailRequest) {
    self.request = request
    amounts = AmountFormat.of(locale: request.cart.locale, currency: request.cart.currency)
    dates = request.cart.timeZone.map { DateFormat(locale: request.cart.locale, timeZone: $0) }
    shown = ShownItems(request.cart.items)
  }

  /// Those of `variables` that the mail has, and its items have, without what depends on the template that serves. Only what
  /// is asked for is made: the rest takes long to write.
  func fields(_ variables: [MailVariable]) -> MailFields {
    var fields = MailFields()
    for variable in variables {
      fields[variable] =
        switch variable {
        case .items: list(request.cart.items, variables, Self.item)
        case .shownItems: list(shown.items, variables, Self.shownItem)
        default: ofMail(variable) ?? ofCart(variable) ?? ofItems(variable)
        }
    }
    return fields
  }

  /// The items as lines of text: all of them, or those that a built-in mail shows. Nil if there are none.
  ///
  /// - Parameter total: says what the sum is called.
  func itemList(_ list: MailVariable, total word: String) -> TemplateNode? {
    let items = list == .itemList ? request.cart.items : shown.items
    guard !items.isEmpty else { return nil }
    let lines = items.map { item in
      ItemList.Line(quantity: item.quantity, name: item.name, amount: lineTotal(of: item) ?? "")
    }
    let total = request.cart.total.map { ItemList.Total(word: word, amount: amounts.text(for: $0)) }
    return .text(ItemList(lines: lines, total: total).text)
  }

  private func ofMail(_ variable: MailVariable) -> TemplateNode? {
    switch variable {
    case .shop: text(request.shop)
    case .shopName: text(request.from.name ?? request.from.address.split(separator: "@").last.map(String.init))
    case .checkoutID: text(request.checkoutID)
    case .orderID: text(request.orderID)
    case .email: text(request.to)
    case .date: text(dates.flatMap { dates in request.occurredAt.map(dates.date) })
    case .isoDate: text(dates.flatMap { dates in request.occurredAt.map(dates.isoDate) })
    case .imprint: text(request.imprint.joined(separator: "\n"))
    case .imprintLines: request.imprint.isEmpty ? nil : .list(request.imprint.map(TemplateNode.text))
    case .kind: .text(request.kind == .order ? "order" : "reminder")
    case .step: request.kind.step.map { .text(String($0)) }
    case .isLast: request.kind.step.map { _ in .bool(request.lastStep) }
    default: nil
    }
  }

  private func ofCart(_ variable: MailVariable) -> TemplateNode? {
    let cart = request.cart
    return switch variable {
    case .name: text(cart.name)
    case .locale: text(cart.locale)
    case .timeZone: text(cart.timeZone)
    case .url: text(cart.url)
    case .shownURL: text(cart.url.flatMap { $0.utf8.count <= Self.longestShownURL ? $0 : nil })
    case .currency: text(cart.currency)
    case .totalAmount: text(cart.total)
    case .total: text(total)
    case .shownTotal: text(total.map(Self.breakable))
    case .isLongTotal: .bool(Self.isLong(total))
    case .metadata: TemplateNode(cart.metadata)
    default: nil
    }
  }

  private func ofItems(_ variable: MailVariable) -> TemplateNode? {
    let items = request.cart.items
    guard let first = items.first else { return nil }
    return switch variable {
    case .firstItem: text(first.name)
    case .teaser: text(shown.teaser)
    case .itemCount: .text(String(items.count))
    case .isOneItem: .bool(items.count == 1)
    case .moreCount: shown.more > 0 ? .text(String(shown.more)) : nil
    case .isOneMore: shown.more > 0 ? .bool(shown.more == 1) : nil
    default: nil
    }
  }

  private var total: String? { request.cart.total.map { amounts.text(for: $0) } }

  private func list(
    _ items: [Cart.Item], _ variables: [MailVariable],
    _ value: (MailVariables) -> (MailVariable, Int, Cart.Item) -> TemplateNode?
  ) -> TemplateNode? {
    guard !items.isEmpty else { return nil }
    let value = value(self)
    return .list(
      items.enumerated().map { index, item in
        var fields = MailFields()
        for variable in variables { fields[variable] = value(variable, index, item) }
        return .fields(fields)
      })
  }

  private func item(_ variable: MailVariable, _ index: Int, _ item: Cart.Item) -> TemplateNode? {
    switch variable {
    case .name: text(item.name)
    case .imageURL: text(item.imageURL)
    case .url: text(item.url)
    case .priceAmount: text(item.price)
    case .price: text(item.price.map { amounts.text(for: $0) })
    case .lineTotal: text(lineTotal(of: item))
    case .quantity: .text(String(item.quantity))
    case .isSeveral: .bool(item.quantity > 1)
    case .position: .text(String(index + 1))
    case .isFirst: .bool(index == 0)
    case .isLastItem: .bool(index == request.cart.items.count - 1)
    default: nil
    }
  }

  private func shownItem(_ variable: MailVariable, _ index: Int, _ item: Cart.Item) -> TemplateNode? {
    switch variable {
    case .lineTotal: text(lineTotal(of: item).map(Self.breakable))
    case .isLong: .bool(Self.isLong(lineTotal(of: item)))
    default: self.item(variable, index, item)
    }
  }

  private func lineTotal(of item: Cart.Item) -> String? {
    item.price.flatMap { amounts.text(for: $0, times: item.quantity) }
  }

  private static func isLong(_ amount: String?) -> Bool {
    amount.map { $0.utf8.count > longestAmount && $0.count > longestAmount } ?? false
  }

  /// An amount that no narrow screen has room for, with places where it may be broken.
  private static func breakable(_ amount: String) -> String {
    guard isLong(amount) else { return amount }
    return amount.reduce(into: "") { text, character in
      text.append(character)
      if !character.isNumber { text.append("\u{200B}") }
    }
  }

  /// Nil for what is empty, as for what is not there.
  private func text(_ text: String?) -> TemplateNode? {
    guard let text, !text.isEmpty else { return nil }
    return .text(text)
  }
}

extension Message.Kind {
  fileprivate var step: Int? {
    guard case .reminder(let step) = self else { return nil }
    return step
  }
}
