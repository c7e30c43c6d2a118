/// A component with numbers for its checkouts and orders, and what the clock showed at each event.
struct Named {
  let deeds: [Deed]
  let cartIDs: [String]
  let purchaseIDs: [String]
  let shop: String
  /// The number of the checkout or the order that an event is about; -1 where it is about the other kind.
  let cartOfDeed: [Int]
  let purchaseOfDeed: [Int]
  /// What the wall clock may have shown when it happened.
  let walls: [Span]

  init(_ component: Component, _ history: History) {
    deeds = component.deeds
    shop = deeds.first.map { $0.checkout?.shop ?? $0.order?.shop ?? "" } ?? ""
    let carts = Dictionary(grouping: deeds.compactMap { $0.checkout?.checkoutID }) { $0 }.keys.sorted()
    let purchases = Dictionary(grouping: deeds.compactMap { $0.order?.orderID }) { $0 }.keys.sorted()
    (cartIDs, purchaseIDs) = (carts, purchases)
    cartOfDeed = deeds.map { deed in deed.checkout.flatMap { carts.firstIndex(of: $0.checkoutID) } ?? -1 }
    purchaseOfDeed = deeds.map { deed in deed.order.flatMap { purchases.firstIndex(of: $0.orderID) } ?? -1 }
    walls = deeds.map { history.wall(from: $0.asked, to: min($0.over, history.observations.count - 1)) }
  }

  /// Whether an order means that checkout by its name.
  func names(_ purchase: Purchase, _ cart: Int) -> Bool {
    guard let order = deeds[purchase.told].order else { return false }
    return order.checkoutID == cartIDs[cart] || order.orderID == cartIDs[cart]
      || deeds.contains { $0.checkout?.checkoutID == cartIDs[cart] && $0.checkout?.orderID == order.orderID }
  }

  /// How many of a checkout's reminders had begun to be handed over before `start`, and had not ended by `over`.
  func flying(_ cart: Cart, begunBefore start: Int, until over: Int, _ history: History) -> Int {
    cart.claims.count { claim in
      guard let journey = attempt(claim, history).flatMap(history.journey) else { return false }
      return journey.began < start && (journey.ended ?? journey.died ?? Int.max) > over
    }
  }

  /// How many of a checkout's claimed reminders may have been taken back after that: their hand-over had not begun, and the
  /// ledger does not say that they ended in another way.
  func recallable(_ cart: Cart, after asked: Int, _ history: History) -> Int {
    cart.claims.count { claim in
      guard let attempt = attempt(claim, history), (history.journey(of: attempt)?.began ?? .max) > asked else {
        return false
      }
      return history.outcomes[attempt].map { ["withdrawn", "unknown"].contains($0) } ?? true
    }
  }

  private func attempt(_ claim: Cart.Claim, _ history: History) -> String? {
    guard case .claimed(let row) = history.observations[claim.observation].what else { return nil }
    return row.id
  }
}
