/// Whether a message may be claimed, and handed over, as things stand in a world.
struct Permission {
  /// So many letters of a checkout are remembered: more are never on their way at the same time.
  private static let mostClaims = 3

  let history: History
  let component: Named

  init(_ history: History, _ component: Named) {
    self.history = history
    self.component = component
  }

  // MARK: The claim

  func claim(_ row: AttemptRow, _ message: MessageRow, _ index: Int, in world: inout World) -> Grief? {
    if message.kind == .order { return orderClaim(message, in: world) }
    guard let number = component.cartIDs.firstIndex(where: { $0 == message.checkoutID }), let step = message.step else {
      return Grief(rule: .mailsFollowEvents, detail: "\(row.message) is of no checkout", depth: 0)
    }
    let cart = world.carts[number]
    guard cart.phase == .open else { return closed(cart, row.message, number) }
    if message.generation > 0, !(cart.begun...cart.generation).contains(message.generation) {
      return Grief(
        rule: .orderWins, detail: "\(row.message) is of generation \(message.generation), \(cart.begun) has begun",
        depth: 2)
    }
    if let grief = time(row, cart, step, index, isRetried: history.wasRetried(row.message, before: index)) {
      return grief
    }
    let claim = Cart.Claim(observation: index, told: cart.told)
    world.carts[number].claims = Array((cart.claims + [claim]).suffix(Self.mostClaims))
    return nil
  }

  private func closed(_ cart: Cart, _ message: String, _ number: Int) -> Grief {
    let id = component.cartIDs[number]
    switch cart.phase {
    case .absent: return Grief(rule: .nothingIsInvented, detail: "\(message): \(id) was not told of", depth: 1)
    case .cancelled: return Grief(rule: .emptyItemsCancel, detail: "\(message) goes out, \(id) is cancelled", depth: 1)
    default: return Grief(rule: .orderWins, detail: "\(message) goes out, \(id) is ordered", depth: 2)
    }
  }

  private func time(_ row: AttemptRow, _ cart: Cart, _ step: Int, _ index: Int, isRetried: Bool) -> Grief? {
    let policies = history.settings(from: cart.since, to: index).map { $0.policy(of: component.shop) }
    let steps = policies.compactMap { step <= $0.schedule.count ? $0.schedule[step - 1] : nil }
    guard let least = steps.min(), let most = steps.max() else {
      return Grief(
        rule: .mailsFollowEvents, detail: "\(row.message) is of step \(step), which no schedule has", depth: 3)
    }
    // The row's own time, as far as a clock really showed it.
    let shown = history.wall(before: index, within: history.tolerances.reading)
    let now = min(max(row.startedAt, shown.low), shown.high)
    // What was put off after its time had come waits by the uptime: a clock that is set back meanwhile does not matter.
    let cameUp = (history.firstClaims[row.message] ?? index) < index
    if !cameUp, !wasHeld(cart, after: least, index), now < cart.anchor.low + least {
      return Grief(
        rule: .neverEarly, detail: "\(row.message) goes out \(cart.anchor.low + least - now) ms early", depth: 4)
    }
    guard !isRetried else { return nil }
    let limit = cart.anchor.high + most + (policies.map(\.maxLate).max() ?? 0)
    if now > limit {
      return Grief(rule: .neverTooLate, detail: "\(row.message) goes out \(now - limit) ms after max_late", depth: 4)
    }
    guard policies.count == 1, let schedule = policies.first?.schedule, step < schedule.count,
      now >= cart.anchor.high + schedule[step]
    else { return nil }
    return Grief(rule: .onlyTheLatestStep, detail: "\(row.message) goes out, step \(step + 1) is due as well", depth: 4)
  }

  /// Whether its time may have come while its template was failing: then it waits for another that tries the template.
  private func wasHeld(_ cart: Cart, after step: Int64, _ index: Int) -> Bool {
    let policies = history.settings(from: cart.since, to: index).map { $0.policy(of: component.shop) }
    return policies.contains { $0.failing.contains(.reminder) }
      && history.wall(from: cart.since, to: index).high >= cart.anchor.low + step
  }

  private func orderClaim(_ message: MessageRow, in world: World) -> Grief? {
    guard let number = component.purchaseIDs.firstIndex(where: { $0 == message.orderID }),
      world.purchases[number].exists
    else { return Grief(rule: .nothingIsInvented, detail: "\(message.id) is of no order", depth: 0) }
    guard world.purchases[number].message == .none else { return nil }
    return Grief(rule: .orderMessageOnce, detail: "\(message.id): the order gets no message", depth: 1)
  }

  // MARK: The hand-over

  func begin(_ mail: HandOver, _ index: Int, in world: inout World) -> Grief? {
    let claim = history.claims[mail.attempt].flatMap { $0 < index ? $0 : nil }
    if mail.kind == .order { return orderBegin(mail, claim, in: world) }
    guard let number = component.cartIDs.firstIndex(where: { $0 == mail.checkoutID }) else {
      return Grief(rule: .mailsFollowEvents, detail: "\(mail.message) is of no checkout", depth: 0)
    }
    let cart = world.carts[number]
    if let grief = recalled(mail, cart, number, index) { return grief }
    if cart.phase == .ordered, let closer = cart.closer {
      guard claim == nil || cart.claims.contains(where: { $0.observation == claim }) else {
        return closed(cart, mail.message, number)
      }
      if let left = world.purchases[closer].left, cart.closing == world.purchases[closer].told {
        guard left > 0 else { return closed(cart, mail.message, number) }
        world.purchases[closer].left = left - 1
      }
    } else if claim == nil {
      let wall = history.observations[index].at.wall
      let row = AttemptRow(id: mail.attempt, message: mail.message, startedAt: wall)
      guard var message = history.identity(of: mail.message) else { return nil }
      message.checkoutID = mail.checkoutID
      if let grief = self.claim(row, message, index, in: &world) { return grief }
    }
    return letter(mail, cart.shown(inLetterOf: claim))
  }

  /// What ended a reminder was acknowledged only after its hand-over had begun or had been taken back for good.
  private func recalled(_ mail: HandOver, _ cart: Cart, _ number: Int, _ index: Int) -> Grief? {
    let ending: (deed: Int, rule: Rule)? =
      switch cart.phase {
      case .ordered: cart.closing.map { ($0, .orderWins) }
      case .cancelled: (cart.told, .emptyItemsCancel)
      case .open where cart.begun == cart.generation && isOfEarlierSchedule(mail, cart): (cart.told, .changesCount)
      case .open, .absent: nil
      }
    guard let ending, component.deeds[ending.deed].reply != nil else { return nil }
    let over = component.deeds[ending.deed].over
    guard over < index else { return nil }
    let after = history.observations[index].at.elapsed - history.observations[over].at.elapsed
    guard after > history.tolerances.leaving else { return nil }
    return Grief(
      rule: ending.rule,
      detail: "\(mail.message) left \(after) ms after \(component.cartIDs[number]) was acknowledged as \(cart.phase)",
      depth: 6)
  }

  private func isOfEarlierSchedule(_ mail: HandOver, _ cart: Cart) -> Bool {
    guard let generation = history.identity(of: mail.message)?.generation, generation > 0 else { return false }
    return generation < cart.begun
  }

  /// The mail goes where the shopper is, and shows the cart, as they are, or as they were when it was written.
  private func letter(_ mail: HandOver, _ told: Set<Int>) -> Grief? {
    let events = told.compactMap { component.deeds[$0].checkout }
    guard events.contains(where: { $0.email.lowercased() == mail.recipient.lowercased() }) else {
      return Grief(rule: .mailsFollowEvents, detail: "\(mail.message) goes to a wrong address", depth: 5)
    }
    if let content = mail.content, !events.contains(where: { $0.content == content }) {
      return Grief(rule: .mailsFollowEvents, detail: "\(mail.message) shows a wrong cart: \(content)", depth: 5)
    }
    return nil
  }

  private func orderBegin(_ mail: HandOver, _ claim: Int?, in world: World) -> Grief? {
    guard let number = component.purchaseIDs.firstIndex(where: { $0 == mail.orderID }),
      world.purchases[number].exists
    else { return Grief(rule: .nothingIsInvented, detail: "\(mail.message) is of no order", depth: 0) }
    let purchase = world.purchases[number]
    if purchase.message == .none {
      return Grief(rule: .orderMessageOnce, detail: "\(mail.message): the order gets no message", depth: 1)
    }
    let addresses = purchase.addressees.compactMap { index -> String? in
      let deed = component.deeds[index]
      return deed.order?.email ?? deed.checkout?.email
    }
    guard addresses.isEmpty || addresses.contains(where: { $0.lowercased() == mail.recipient.lowercased() }) else {
      return Grief(rule: .mailsFollowEvents, detail: "\(mail.message) goes to a wrong address", depth: 5)
    }
    return nil
  }
}
