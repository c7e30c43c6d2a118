extension Span {
  /// More than any hesitation explains: it was written while the clock was in doubt, and may move yet.
  fileprivate var isWide: Bool { high - low > Settings().jumpLimit }
}

/// The rows of a snapshot that belong to a component.
struct ComponentRows {
  /// By the component's numbers.
  var carts: [CheckoutRow?]
  var purchases: [OrderRow?]
  /// The reminders of each checkout, by step; the messages of each order.
  var reminders: [[MessageRow]]
  var orderMessages: [[MessageRow]]

  init(_ snapshot: Snapshot, _ component: Named) {
    var cartNumbers: [String: Int] = [:]
    for (number, id) in component.cartIDs.enumerated() { cartNumbers[id] = number }
    var purchaseNumbers: [String: Int] = [:]
    for (number, id) in component.purchaseIDs.enumerated() { purchaseNumbers[id] = number }
    carts = component.cartIDs.map { _ in nil }
    purchases = component.purchaseIDs.map { _ in nil }
    reminders = component.cartIDs.map { _ in [] }
    orderMessages = component.purchaseIDs.map { _ in [] }
    for row in snapshot.checkouts where row.shop == component.shop {
      if let number = cartNumbers[row.checkoutID] { carts[number] = row }
    }
    for row in snapshot.orders where row.shop == component.shop {
      if let number = purchaseNumbers[row.orderID] { purchases[number] = row }
    }
    for row in snapshot.messages where row.shop == component.shop {
      if row.kind == .reminder, let number = row.checkoutID.flatMap({ cartNumbers[$0] }) {
        reminders[number].append(row)
      }
      if row.kind == .order, let number = row.orderID.flatMap({ purchaseNumbers[$0] }) {
        orderMessages[number].append(row)
      }
    }
  }
}

/// Whether the tables are those of a world.
struct TableMatch {
  let history: History
  let component: Named
  let rows: ComponentRows
  let index: Int

  /// Nil if they are; the world learns the exact times from them.
  func fit(_ world: inout World) -> Grief? {
    for number in component.cartIDs.indices {
      if let grief = cart(number, &world) { return grief }
      if let grief = reminders(number, &world) { return grief }
    }
    for number in component.purchaseIDs.indices {
      if let grief = purchase(number, world) { return grief }
    }
    return nil
  }

  // MARK: Checkouts

  private func cart(_ number: Int, _ world: inout World) -> Grief? {
    let cart = world.carts[number]
    let id = component.cartIDs[number]
    guard let row = rows.carts[number] else {
      if cart.phase == .absent { return nil }
      return Grief(rule: .acknowledgedIsKept, detail: "the checkout \(id) is lost", depth: number * 10)
    }
    guard cart.phase != .absent else {
      return Grief(rule: .nothingIsInvented, detail: "the checkout \(id) was not told of", depth: number * 10)
    }
    guard row.state == cart.phase.rawValue else {
      let rule: Rule = cart.phase == .cancelled ? .emptyItemsCancel : .ordersCloseWhatTheyMatch
      return Grief(
        rule: rule, detail: "the checkout \(id) is \(row.state) in place of \(cart.phase.rawValue)",
        depth: number * 10 + 2)
    }
    guard row.generation == cart.generation else {
      let rule: Rule = row.generation < cart.generation ? .acknowledgedIsKept : .changesCount
      return Grief(
        rule: rule, detail: "the checkout \(id) is in generation \(row.generation) in place of \(cart.generation)",
        depth: number * 10 + 1)
    }
    guard cart.occurred.contains(row.occurredAt) else {
      return Grief(
        rule: .staleChangesNothing, detail: "the checkout \(id) occurred at \(row.occurredAt), not \(cart.occurred)",
        depth: number * 10 + 3)
    }
    if let grief = content(row, cart, number) { return grief }
    if cart.occurred.isWide { return nil }
    if cart.anchor == cart.occurred { world.carts[number].anchor = Span(row.occurredAt) }
    if cart.first == cart.occurred { world.carts[number].first = Span(row.occurredAt) }
    world.carts[number].occurred = Span(row.occurredAt)
    return nil
  }

  private func content(_ row: CheckoutRow, _ cart: Cart, _ number: Int) -> Grief? {
    guard let event = component.deeds[cart.told].checkout else { return nil }
    let isSame =
      row.email == event.email && row.customerID == event.customerID && (row.content ?? event.content) == event.content
    if isSame { return nil }
    return Grief(
      rule: .acknowledgedIsKept, detail: "the checkout \(row.checkoutID) is not what was told last",
      depth: number * 10 + 4)
  }

  // MARK: Reminders

  /// An open checkout has its next reminder or had its last; another has none that waits.
  private func reminders(_ number: Int, _ world: inout World) -> Grief? {
    let cart = world.carts[number]
    let id = component.cartIDs[number]
    let depth = number * 10 + 5
    guard cart.phase != .absent else { return nil }
    let waiting = rows.reminders[number].filter { $0.state == "scheduled" }
    guard cart.phase == .open else {
      guard let row = waiting.first else { return nil }
      let rule: Rule = cart.phase == .ordered ? .orderWins : .emptyItemsCancel
      return Grief(rule: rule, detail: "\(row.id) waits, and \(id) is \(cart.phase.rawValue)", depth: depth)
    }
    let current = rows.reminders[number].filter { $0.generation >= cart.begun && $0.generation <= cart.generation }
    if let old = waiting.first(where: { $0.generation < cart.begun }) {
      return Grief(rule: .changesCount, detail: "\(old.id) waits, and \(id) began anew", depth: depth)
    }
    let steps = Dictionary(grouping: current) { $0.step ?? 0 }
    if let twice = steps.first(where: { $0.value.count > 1 }) {
      return Grief(rule: .neverTwice, detail: "\(id) has two reminders of step \(twice.key)", depth: depth)
    }
    let policies = history.settings(from: cart.since, to: index).map { $0.policy(of: component.shop) }
    let isGoingOn = current.contains { $0.state == "scheduled" || $0.state == "sending" }
    let last = policies.map(\.schedule.count).min() ?? 0
    if !isGoingOn, (steps.keys.max() ?? 0) < last {
      return Grief(
        rule: .remindersGoOn, detail: "\(id) is open, had step \(steps.keys.max() ?? 0) of \(last), and nothing waits",
        depth: depth)
    }
    return times(current, policies, number, &world)
  }

  /// Due at the anchor and the step, as long as nothing has put it off.
  private func times(_ current: [MessageRow], _ policies: [ShopPolicy], _ number: Int, _ world: inout World) -> Grief? {
    for row in current where row.state == "scheduled" && row.reason == "due" && row.attempts.isEmpty {
      guard let step = row.step else { continue }
      let anchors = policies.compactMap { step <= $0.schedule.count ? row.dueAt - $0.schedule[step - 1] : nil }
      guard let anchor = anchors.first(where: world.carts[number].anchor.contains) else {
        return Grief(
          rule: .nextReminderIsRight,
          detail: "\(row.id) is due at \(row.dueAt), counted from \(world.carts[number].anchor)",
          depth: number * 10 + 6)
      }
      if !world.carts[number].anchor.isWide { world.carts[number].anchor = Span(anchor) }
    }
    return nil
  }

  // MARK: Orders

  private func purchase(_ number: Int, _ world: World) -> Grief? {
    let purchase = world.purchases[number]
    let id = component.purchaseIDs[number]
    let messages = rows.orderMessages[number]
    let depth = 1_000 + number
    if messages.count > 1 {
      return Grief(rule: .orderMessageOnce, detail: "the order \(id) has \(messages.count) messages", depth: depth)
    }
    guard purchase.exists else {
      guard rows.purchases[number] != nil || !messages.isEmpty else { return nil }
      return Grief(rule: .nothingIsInvented, detail: "the order \(id) was not told of", depth: depth)
    }
    let matching = Matching(deeds: component.deeds, history: history)
    if rows.purchases[number] == nil && !matching.isForgettable(purchase, by: index) {
      return Grief(rule: .acknowledgedIsKept, detail: "the order \(id) is lost", depth: depth)
    }
    switch purchase.message {
    case .due where messages.isEmpty:
      return Grief(rule: .orderMessageOnce, detail: "the order \(id) has no message", depth: depth)
    case .none where !messages.isEmpty:
      return Grief(rule: .orderMessageOnce, detail: "the order \(id) has a message, and should have none", depth: depth)
    default: return nil
    }
  }
}
