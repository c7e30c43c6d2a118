import NudgeDomain

/// The variables that templates fill in: what the request says, ready to be shown. What the event does not carry is
/// not there, so that a template must guard it.
struct MailVariables {
  private let request: MailRequest
  private let amounts: AmountFormat

  init(_ request: MailRequest) {
    self.request = request
    amounts = AmountFormat(locale: request.cart.locale, currency: request.cart.currency)
  }

  var value: TemplateValue {
    .object(mail + cart + [.init(name: "metadata", value: request.cart.metadata)])
  }

  private var mail: [TemplateValue.Member] {
    let sender = request.from.name ?? request.from.address.split(separator: "@").last.map(String.init)
    return members(
      ("shop", request.shop), ("shop_name", sender), ("checkout_id", request.checkoutID), ("order_id", request.orderID),
      ("email", request.to)
    ) + step
  }

  private var step: [TemplateValue.Member] {
    guard case .reminder(let step) = request.kind else {
      return [.init(name: "kind", value: .string("order"))]
    }
    return [
      .init(name: "kind", value: .string("reminder")),
      .init(name: "step", value: .number(String(step))),
      .init(name: "is_last", value: .bool(request.lastStep)),
    ]
  }

  private var cart: [TemplateValue.Member] {
    let cart = request.cart
    var cartMembers = members(
      ("name", cart.name), ("locale", cart.locale), ("time_zone", cart.timeZone), ("url", cart.url),
      ("currency", cart.currency), ("total_amount", cart.total), ("total", cart.total.map { amounts.text(for: $0) }))
    guard !cart.items.isEmpty else { return cartMembers }
    cartMembers += members(("first_item", cart.items[0].name), ("item_list", itemList))
    cartMembers.append(.init(name: "item_count", value: .number(String(cart.items.count))))
    cartMembers.append(.init(name: "is_one_item", value: .bool(cart.items.count == 1)))
    cartMembers.append(.init(name: "items", value: .array(cart.items.enumerated().map(item))))
    return cartMembers
  }

  private func item(_ index: Int, _ item: Cart.Item) -> TemplateValue {
    .object(
      members(
        ("name", item.name), ("image_url", item.imageURL), ("url", item.url), ("price_amount", item.price),
        ("price", item.price.map { amounts.text(for: $0) }), ("line_total", lineTotal(of: item))
      ) + [
        .init(name: "quantity", value: .number(String(item.quantity))),
        .init(name: "is_several", value: .bool(item.quantity > 1)),
        .init(name: "position", value: .number(String(index + 1))),
        .init(name: "is_first", value: .bool(index == 0)),
        .init(name: "is_last_item", value: .bool(index == request.cart.items.count - 1)),
      ])
  }

  private func lineTotal(of item: Cart.Item) -> String? {
    item.price.flatMap { Amount($0)?.times(item.quantity) }.map { amounts.text(for: $0) }
  }

  private var itemList: String {
    let lines = request.cart.items.map { item in
      ItemList.Line(quantity: item.quantity, name: item.name, amount: lineTotal(of: item) ?? "")
    }
    return ItemList(lines: lines, total: request.cart.total.map { amounts.text(for: $0) }).text
  }

  /// Those that are there and not empty.
  private func members(_ pairs: (String, String?)...) -> [TemplateValue.Member] {
    pairs.compactMap { name, value in
      guard let value, !value.isEmpty else { return nil }
      return TemplateValue.Member(name: name, value: .string(value))
    }
  }
}
