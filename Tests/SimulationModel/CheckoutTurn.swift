/// What a checkout event does, by the contract: each way it may go.
struct CheckoutTurn {
  /// A way that it may go, with the rule that says so.
  struct Way {
    var cart: Cart
    var isChanged: Bool
    var rule: Rule
    /// The orders that closed it as it came.
    var closers: [Int] = []
  }

  let deed: Int
  let event: CheckoutEvent
  let deeds: [Deed]
  let policies: [ShopPolicy]
  /// What the wall clock may have shown when it happened.
  let now: Span
  /// The last observation by which it may have happened.
  let last: Int
  let matching: Matching

  /// When it occurred.
  private var at: Span {
    event.occurredAt.map { matching.history.stated($0, from: deeds[deed].asked, to: last) } ?? now
  }

  func ways(of cart: Cart, in world: World) -> [Way] {
    guard cart.phase != .absent else { return first(in: world) }
    var ways: [Way] = []
    let isDated = event.occurredAt != nil  // who does not say when says how it is now, whatever the clock shows
    if isDated, at.low < cart.occurred.high || (at.low == cart.occurred.high && !isSame(cart)) {
      // Older than what is known, or perhaps: a tie may go either way.
      ways.append(Way(cart: earlier(cart), isChanged: false, rule: .staleChangesNothing))
      ways += closedByHindsight(cart, in: world)
    }
    guard !isDated || at.high >= cart.occurred.low else { return ways }
    if isSame(cart) {
      var same = cart
      same.occurred = Span(cart.occurred.low, max(cart.occurred.high, at.high))
      return ways + [Way(cart: same, isChanged: false, rule: .repetitionChangesNothing)]
    }
    return ways + changed(cart, in: world)
  }

  /// The checkout is known to have begun earlier, perhaps.
  private func earlier(_ cart: Cart) -> Cart {
    var cart = cart
    cart.first.low = min(cart.first.low, at.low)
    return cart
  }

  /// What is older changes nothing but this: it may tell that the checkout was there before an order that has come already.
  /// Had it come in time, that order would have closed the checkout.
  private func closedByHindsight(_ cart: Cart, in world: World) -> [Way] {
    guard cart.phase != .ordered else { return [] }
    var then = earlier(cart)
    then.occurred = at
    let way = closed(Way(cart: then, isChanged: true, rule: .ordersCloseWhatTheyMatch), in: world)
    return way.filter { $0.cart.phase == .ordered }.flatMap { way in
      [0, 1].map { more in
        var way = way
        way.cart.occurred = cart.occurred
        way.cart.generation += more
        way.isChanged = more == 1
        return way
      }
    }
  }

  /// Whether it says what the checkout already is.
  private func isSame(_ cart: Cart) -> Bool {
    guard let known = deeds[cart.told].checkout else { return false }
    return known.email == event.email && known.customerID == event.customerID && known.orderID == event.orderID
      && known.content == event.content && known.isEmpty == event.isEmpty
  }

  private func first(in world: World) -> [Way] {
    var cart = Cart(phase: event.isEmpty ? .cancelled : .open, generation: 1, begun: 1)
    (cart.anchor, cart.occurred, cart.first) = (at, at, at)
    (cart.told, cart.since) = (deed, deeds[deed].asked)
    return closed(Way(cart: cart, isChanged: true, rule: event.isEmpty ? .emptyItemsCancel : .changesCount), in: world)
  }

  private func changed(_ cart: Cart, in world: World) -> [Way] {
    var next = cart
    next.generation += 1
    next.occurred = event.occurredAt == nil ? undated(after: cart.occurred) : at
    (next.told, next.toldBefore) = (deed, cart.told)
    switch (cart.phase, event.isEmpty) {
    case (.ordered, _):
      // An order is the end; the contract does not say whether what comes after it counts as a change.
      return [
        Way(cart: cart, isChanged: false, rule: .ordersCloseWhatTheyMatch),
        Way(cart: next, isChanged: true, rule: .ordersCloseWhatTheyMatch),
      ]
    case (.cancelled, true):
      return [
        Way(cart: cart, isChanged: false, rule: .emptyItemsCancel),
        Way(cart: next, isChanged: true, rule: .emptyItemsCancel),
      ]
    case (_, true):
      next.phase = .cancelled
      return [Way(cart: next, isChanged: true, rule: .emptyItemsCancel)]
    default:
      next.phase = .open
      return starts(cart, next).flatMap { closed(Way(cart: $0, isChanged: true, rule: .changesCount), in: world) }
    }
  }

  /// It is not before what it changes. But the end of a doubt may move it, back as well: what was known before the doubt
  /// stays then.
  private func undated(after known: Span) -> Span {
    guard matching.history.isLoose(from: deeds[deed].asked, to: last) else {
      return Span(max(known.low, at.low), max(known.high, at.high))
    }
    return Span(at.low, max(known.high, at.low) + (at.high - at.low))
  }

  /// Where the schedule of a changed checkout counts from: `restart` begins it anew, `keep` does not. What was cancelled and
  /// comes back may do either under `keep`.
  private func starts(_ old: Cart, _ next: Cart) -> [Cart] {
    var anew = next
    anew.anchor = at
    anew.begun = next.generation
    anew.since = deeds[deed].asked
    let policies = Set(policies.map(\.onChange))
    var starts: [Cart] = []
    if policies.contains(.restart) || old.phase == .cancelled { starts.append(anew) }
    if policies.contains(.keep) {
      starts.append(next)
      if old.phase == .cancelled {
        var resumed = next
        resumed.begun = next.generation
        starts.append(resumed)
      }
    }
    return starts
  }

  /// "an order that comes before its checkout still wins"
  private func closed(_ way: Way, in world: World) -> [Way] {
    var certain: [Int] = []
    var possible: [Int] = []
    for (number, purchase) in world.purchases.enumerated() {
      switch matching.closes(purchase, way.cart, in: world, by: last) {
      case .yes: certain.append(number)
      case .maybe: possible.append(number)
      case .no: break
      }
    }
    guard let closer = certain.first ?? possible.first else { return [way] }
    var ordered = way
    ordered.cart.phase = .ordered
    ordered.cart.closer = closer
    ordered.cart.closing = deed
    ordered.closers = certain + possible
    ordered.rule = .ordersCloseWhatTheyMatch
    // What is empty was not open.
    return certain.isEmpty || way.cart.phase == .cancelled ? [ordered, way] : [ordered]
  }
}
