/// Lets an event happen in a world: every world that it may lead to and that agrees with its answer.
struct Happening {
  let history: History
  let component: Named
  let index: Int
  /// It has happened before this observation, and after all that were looked at before.
  let position: Int
  /// Where the reasons go why a world was given up.
  var griefs: [Grief] = []

  private var deed: Deed { component.deeds[index] }
  private var last: Int { min(deed.over, history.observations.count - 1) }
  private var matching: Matching { Matching(deeds: component.deeds, history: history) }

  init(history: History, component: Named, index: Int, before position: Int) {
    self.history = history
    self.component = component
    self.index = index
    self.position = position
  }

  mutating func worlds(after world: World) -> [World] {
    let settings = history.settings(from: deed.asked, to: last)
    let now = component.walls[index]
    let worlds =
      switch deed.event {
      case .checkout(let event): checkout(event, world, settings.map { $0.policy(of: event.shop) }, now)
      case .order(let event): order(event, world, settings.map { $0.policy(of: event.shop) }, now)
      }
    return worlds.map { world in
      var world = world
      world.done.append(index)
      world.done.sort()
      return world
    }
  }

  private mutating func fail(_ rule: Rule, _ depth: Int, _ detail: String) {
    griefs.append(Grief(rule: rule, detail: detail, depth: depth))
  }

  // MARK: Checkouts

  private mutating func checkout(_ event: CheckoutEvent, _ world: World, _ policies: [ShopPolicy], _ now: Span)
    -> [World]
  {
    let number = component.cartOfDeed[index]
    let turn = CheckoutTurn(
      deed: index, event: event, deeds: component.deeds, policies: policies, now: now, last: last,
      matching: matching)
    return turn.ways(of: world.carts[number], in: world).compactMap { way in
      guard let cart = agrees(way, policies, event.checkoutID) else { return nil }
      var next = world
      next.carts[number] = cart
      for closer in way.closers where next.purchases[closer].message == .none {
        next.purchases[closer].message = .possible
        next.purchases[closer].addressees.append(index)
      }
      return next
    }
  }

  /// The checkout as it is then, if the answer fits; what the answer tells of times makes it more exact.
  private mutating func agrees(_ way: CheckoutTurn.Way, _ policies: [ShopPolicy], _ id: String) -> Cart? {
    guard case .checkout(let reply) = deed.reply else { return way.cart }
    let cart = way.cart
    let told = "\(reply.state), generation \(reply.generation), changed: \(reply.changed)"
    let expected = "\(cart.phase.rawValue), generation \(cart.generation), changed: \(way.isChanged)"
    guard reply.state == cart.phase.rawValue else {
      fail(way.rule, 1, "\(id) was answered \(told) in place of \(expected)")
      return nil
    }
    guard reply.generation == cart.generation, reply.changed == way.isChanged else {
      fail(way.rule, 2, "\(id) was answered \(told) in place of \(expected)")
      return nil
    }
    guard
      let exact = next(
        reply.nextReminderAt, of: cart, isFresh: way.isChanged && cart.begun == cart.generation, policies)
    else {
      fail(
        .nextReminderIsRight, 3,
        "\(id) was answered next_reminder_at \(reply.nextReminderAt.map(String.init) ?? "null")")
      return nil
    }
    return exact
  }

  /// Whether that can be the next reminder. A schedule that has just begun tells its first step that is not over, and with
  /// it what it counts from.
  private func next(_ told: Int64?, of cart: Cart, isFresh: Bool, _ policies: [ShopPolicy]) -> Cart? {
    guard cart.phase == .open else { return told == nil ? cart : nil }
    guard let told else { return !isFresh || isOver(cart, policies) ? cart : nil }
    guard isFresh else { return isAStep(told, of: cart, policies) ? cart : nil }
    let now = component.walls[index]
    for policy in policies {
      for step in policy.schedule {
        let anchor = told - step
        if cart.anchor.contains(anchor) {
          if history.isLoose(from: deed.asked, to: last) { return cart }
          var exact = cart
          if cart.occurred == cart.anchor { exact.occurred = Span(anchor) }
          if cart.first == cart.anchor { exact.first = Span(anchor) }
          exact.anchor = Span(anchor)
          return exact
        }
        // Only what is over already may be passed by.
        if cart.anchor.low + step > now.high { break }
      }
    }
    return nil
  }

  /// Whether even its last step was too late as it began: then there is none.
  private func isOver(_ cart: Cart, _ policies: [ShopPolicy]) -> Bool {
    policies.contains { cart.anchor.low + ($0.schedule.last ?? 0) + $0.maxLate < component.walls[index].high }
  }

  /// A schedule that goes on is at one of its steps, unless a hand-over put it off.
  private func isAStep(_ told: Int64, of cart: Cart, _ policies: [ShopPolicy]) -> Bool {
    if !cart.claims.isEmpty { return true }
    let all = policies + history.settings(from: cart.since, to: deed.asked).map { $0.policy(of: component.shop) }
    return all.contains { policy in policy.schedule.contains { cart.anchor.contains(told - $0) } }
  }

  // MARK: Orders

  private mutating func order(_ event: OrderEvent, _ world: World, _ policies: [ShopPolicy], _ now: Span) -> [World] {
    let number = component.purchaseOfDeed[index]
    let old = world.purchases[number]
    var worlds: [World] = []
    if old.exists {
      let leaving = world.carts.reduce(0) { $0 + ($1.closer == number ? $1.claims.count : 0) }
      if isEmptyAnswer(event.orderID, leaving: leaving) {
        var next = world
        // It may tell that the order is older than the first one said.
        if let told = event.occurredAt { next.purchases[number].occurred.include(min(told, old.occurred.low)) }
        worlds.append(next)
      }
      if !matching.isForgettable(old, by: last) { return worlds }
    }
    // An order that does not say when it occurred is not older than what was there: the clock may have been set back.
    let ever = Span(now.low, history.wall(from: 0, to: last).high)
    var purchase = Purchase(
      told: index, occurred: event.occurredAt.map { history.stated($0, from: deed.asked, to: last) } ?? ever,
      cameAt: now.low)
    if event.email != nil { purchase.addressees = [index] }
    var next = world
    next.purchases[number] = purchase
    for closed in closings(of: purchase, in: next) {
      worlds += closing(closed, number, next, policies, event)
    }
    return worlds
  }

  /// README: a repeated order answers `"closed": []` and `"order_message": "none"`. It waits for the reminders that the first
  /// one finds on their way, and counts them as well.
  private mutating func isEmptyAnswer(_ id: String, leaving: Int) -> Bool {
    guard case .order(let reply) = deed.reply else { return true }
    if reply.closed.isEmpty && reply.remindersCancelled + reply.remindersInFlight <= leaving && !reply.isQueued {
      return true
    }
    fail(.repetitionChangesNothing, 2, "the order \(id) came again, and was answered \(reply)")
    return false
  }

  /// Each set of checkouts that it may close.
  private mutating func closings(of purchase: Purchase, in world: World) -> [[Int]] {
    var certain: [Int] = []
    var possible: [Int] = []
    for (number, cart) in world.carts.enumerated() where cart.phase == .open || cart.phase == .cancelled {
      switch matching.closes(purchase, cart, in: world, by: last) {
      case .yes where cart.phase == .open: certain.append(number)
      case .no: break
      case .yes, .maybe:
        if cart.phase == .open || component.names(purchase, number) { possible.append(number) }
      }
    }
    guard case .order(let reply) = deed.reply else {
      // Nothing tells: all, and each combination within reason.
      let some = possible.prefix(4).reduce([certain]) { sets, number in sets + sets.map { $0 + [number] } }
      return possible.count > 4 ? some + [certain + possible] : some
    }
    let told = Set(reply.closed)
    let closed = (certain + possible).filter { told.contains(component.cartIDs[$0]) }
    let missing = certain.filter { !told.contains(component.cartIDs[$0]) }
    if !missing.isEmpty || closed.count != told.count {
      fail(
        .ordersCloseWhatTheyMatch, 2,
        "the order \(reply.orderID) closed \(reply.closed) in place of \((certain).map { component.cartIDs[$0] })")
      return []
    }
    return [closed]
  }

  private mutating func closing(
    _ closed: [Int], _ number: Int, _ world: World, _ policies: [ShopPolicy], _ event: OrderEvent
  ) -> [World] {
    var next = world
    let wasOpen = closed.filter { world.carts[$0].phase == .open }
    for cart in closed {
      next.carts[cart].phase = .ordered
      next.carts[cart].closer = number
      next.carts[cart].closing = index
      next.purchases[number].addressees.append(next.carts[cart].told)
    }
    let message = Self.message(event, wasOpen: !wasOpen.isEmpty, closed: !closed.isEmpty, policies)
    next.purchases[number].message = message
    guard case .order(let reply) = deed.reply else { return [next] }
    guard message == .possible || (message == .due) == reply.isQueued else {
      fail(.orderAnswersAreRight, 3, "the order \(event.orderID) was answered queued: \(reply.isQueued)")
      return []
    }
    next.purchases[number].message = reply.isQueued ? .due : .none
    func flying(begunBefore start: Int) -> Int {
      wasOpen.reduce(0) {
        $0 + component.flying(world.carts[$1], begunBefore: start, until: deed.over, history)
      }
    }
    guard reply.remindersInFlight >= flying(begunBefore: deed.over) else {
      fail(
        .orderAnswersAreRight, 4,
        "the order \(event.orderID) counted \(reply.remindersInFlight) reminders in flight, there were \(flying(begunBefore: deed.over))"
      )
      return []
    }
    // Those that begin between the order and its answer have yet to be looked at.
    next.purchases[number].left = reply.remindersInFlight - flying(begunBefore: position)
    guard areCounted(reply, wasOpen.map { world.carts[$0] }) else { return [] }
    return [next]
  }

  /// "those that ended an open checkout", and somebody has to be written to.
  private static func message(
    _ event: OrderEvent, wasOpen: Bool, closed: Bool, _ policies: [ShopPolicy]
  ) -> Purchase.Message {
    let outcomes: [Purchase.Message] = policies.map { policy in
      switch policy.orderMessage {
      case .never: .none
      case .whenCheckoutOpen: wasOpen ? .due : closed ? .possible : .none
      case .always: event.email != nil || wasOpen ? .due : .possible
      }
    }
    guard let first = outcomes.first, outcomes.allSatisfy({ $0 == first }) else { return .possible }
    return first
  }

  /// Each checkout that was open and has steps to come had one reminder that waited, or was on its way. A reminder is planned
  /// by the schedule of its time, and may be over by it, whatever schedule is in force as the order comes.
  private mutating func areCounted(_ reply: OrderReply, _ carts: [Cart]) -> Bool {
    let waiting = carts.count { cart in
      let latest = history.wall(from: cart.since, to: last).high
      let policies = history.settings(from: cart.since, to: last).map { $0.policy(of: component.shop) }
      return policies.allSatisfy { cart.anchor.low + ($0.schedule.first ?? 0) > latest } && cart.claims.isEmpty
    }
    let retried = history.messages.values.count { row in
      row.kind == .reminder && reply.closed.contains(row.checkoutID ?? "")
        && history.wasRetried(row.id, before: deed.over)
    }
    // What was claimed for an earlier state of the cart and is taken back yet ends because of the order as well.
    let recallable = carts.reduce(0) { $0 + component.recallable($1, after: deed.asked, history) }
    let most = carts.count + retried + recallable
    if reply.remindersCancelled >= waiting && reply.remindersCancelled <= most { return true }
    fail(
      .orderAnswersAreRight, 5,
      "the order \(reply.orderID) cancelled \(reply.remindersCancelled) reminders, \(waiting) waited for their first step"
    )
    return false
  }
}
