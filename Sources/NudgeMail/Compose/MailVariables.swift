import NudgeDomain

/// The variables that templates fill in: what the request says, ready to be shown. What the event does not carry is
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

  var value: TemplateValue { .object(members) }

  var members: [TemplateValue.Member] {
    mail + cart + items + [.init(name: "metadata", value: request.cart.metadata)]
  }

  /// What only templates for text ask for, and takes long to write.
  static let itemListNames: Set = ["item_list", "shown_item_list"]

  /// The items as lines of text, all of them and those that a built-in mail shows; `total` says what the sum is called.
  func itemLists(_ names: Set<String>, total: String) -> [String: TemplateNode] {
    guard !shown.items.isEmpty else { return [:] }
    return names.reduce(into: [:]) { lists, name in
      lists[name] = .text(itemList(name == "item_list" ? request.cart.items : shown.items, total))
    }
  }

  private var mail: [TemplateValue.Member] {
    let sender = request.from.name ?? request.from.address.split(separator: "@").last.map(String.init)
    let moment = dates.flatMap { dates in request.occurredAt.map { (dates, $0) } }
    let imprint = request.imprint.map(TemplateValue.string)
    return members(
      ("shop", request.shop), ("shop_name", sender), ("checkout_id", request.checkoutID), ("order_id", request.orderID),
      ("email", request.to), ("date", moment.map { $0.date($1) }),
      ("date_iso", moment.map { $0.isoDate($1) }), ("imprint", request.imprint.joined(separator: "\n"))
    ) + (imprint.isEmpty ? [] : [.init(name: "imprint_lines", value: .array(imprint))]) + step
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
    let total = cart.total.map { amounts.text(for: $0) }
    return members(
      ("name", cart.name), ("locale", cart.locale), ("time_zone", cart.timeZone), ("url", cart.url),
      ("shown_url", cart.url.flatMap { $0.utf8.count <= Self.longestShownURL ? $0 : nil }),
      ("currency", cart.currency), ("total_amount", cart.total), ("total", total),
      ("shown_total", total.map(Self.breakable))
    ) + [.init(name: "is_long_total", value: .bool(Self.isLong(total)))]
  }

  private var items: [TemplateValue.Member] {
    let items = request.cart.items
    guard !items.isEmpty else { return [] }
    var itemMembers = members(("first_item", items[0].name), ("teaser", shown.teaser))
    itemMembers.append(.init(name: "item_count", value: .number(String(items.count))))
    itemMembers.append(.init(name: "is_one_item", value: .bool(items.count == 1)))
    itemMembers.append(.init(name: "items", value: .array(items.enumerated().map { item($0, $1) })))
    itemMembers.append(.init(name: "shown_items", value: .array(shown.items.enumerated().map(shownItem))))
    guard shown.more > 0 else { return itemMembers }
    itemMembers.append(.init(name: "more_count", value: .number(String(shown.more))))
    itemMembers.append(.init(name: "is_one_more", value: .bool(shown.more == 1)))
    return itemMembers
  }

  private func item(_ index: Int, _ item: Cart.Item, lineTotal: String?) -> [TemplateValue.Member] {
    members(
      ("name", item.name), ("image_url", item.imageURL), ("url", item.url), ("price_amount", item.price),
      ("price", item.price.map { amounts.text(for: $0) }), ("line_total", lineTotal)
    ) + [
      .init(name: "quantity", value: .number(String(item.quantity))),
      .init(name: "is_several", value: .bool(item.quantity > 1)),
      .init(name: "position", value: .number(String(index + 1))),
      .init(name: "is_first", value: .bool(index == 0)),
      .init(name: "is_last_item", value: .bool(index == request.cart.items.count - 1)),
    ]
  }

  private func item(_ index: Int, _ item: Cart.Item) -> TemplateValue {
    .object(self.item(index, item, lineTotal: lineTotal(of: item)))
  }

  private func shownItem(_ index: Int, _ item: Cart.Item) -> TemplateValue {
    let total = lineTotal(of: item)
    return .object(
      self.item(index, item, lineTotal: total.map(Self.breakable)) + [
        .init(name: "is_long", value: .bool(Self.isLong(total)))
      ])
  }

  private func lineTotal(of item: Cart.Item) -> String? {
    item.price.flatMap { amounts.text(for: $0, times: item.quantity) }
  }

  private func itemList(_ items: [Cart.Item], _ totalWord: String) -> String {
    let lines = items.map { item in
      ItemList.Line(quantity: item.quantity, name: item.name, amount: lineTotal(of: item) ?? "")
    }
    let total = request.cart.total.map { ItemList.Total(word: totalWord, amount: amounts.text(for: $0)) }
    return ItemList(lines: lines, total: total).text
  }

  private static func isLong(_ amount: String?) -> Bool {
    amount.map { $0.count > longestAmount } ?? false
  }

  /// An amount that no narrow screen has room for, with places where it may be broken.
  private static func breakable(_ amount: String) -> String {
    guard isLong(amount) else { return amount }
    return amount.reduce(into: "") { text, character in
      text.append(character)
      if !character.isNumber { text.append("\u{200B}") }
    }
  }

  /// Those that are there and not empty.
  private func members(_ pairs: (String, String?)...) -> [TemplateValue.Member] {
    pairs.compactMap { name, value in
      guard let value, !value.isEmpty else { return nil }
      return TemplateValue.Member(name: name, value: .string(value))
    }
  }
}
