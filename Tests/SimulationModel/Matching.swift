/// Whether something holds, as far as the contract tells.
enum Certainty {
  case no, maybe, yes
}

/// contract: what an order closes. The same for a checkout that comes after its order.
struct Matching {
  let deeds: [Deed]
  let history: History

  /// Whether an order closes a checkout, both as they are in that world, at that observation.
  func closes(_ purchase: Purchase, _ cart: Cart, in world: World, by index: Int) -> Certainty {
    guard purchase.exists, let order = deeds[purchase.told].order, let checkout = deeds[cart.told].checkout else {
      return .no
    }
    let found = max(names(order, checkout, in: world), concerns(order, purchase, checkout, cart))
    // An order without effect is forgotten after a while.
    return found == .yes && isForgettable(purchase, by: index) ? .maybe : found
  }

  /// "An order that closed nothing and was not answered is forgotten after 30 days", as the wall clock shows them.
  func isForgettable(_ purchase: Purchase, by index: Int) -> Bool {
    history.wall(from: deeds[purchase.told].asked, to: index).high - purchase.cameAt > history.tolerances.orderMemory
  }

  /// "the checkout named by `checkout_id`, else by `order_id`"
  private func names(_ order: OrderEvent, _ checkout: CheckoutEvent, in world: World) -> Certainty {
    if order.checkoutID == checkout.checkoutID { return .yes }
    guard order.orderID == checkout.orderID || order.orderID == checkout.checkoutID else { return .no }
    guard let named = order.checkoutID else { return .yes }
    let isThere = world.carts.contains { $0.phase != .absent && deeds[$0.told].checkout?.checkoutID == named }
    return isThere ? .no : .maybe
  }

  /// "every open checkout of the same `customer_id` or the same e-mail address (compared without case) that is not younger
  /// than the order". Of a checkout that began before the order and changed after it, the contract does not say which.
  private func concerns(
    _ order: OrderEvent, _ purchase: Purchase, _ checkout: CheckoutEvent, _ cart: Cart
  ) -> Certainty {
    let isSameCustomer = order.customerID != nil && order.customerID == checkout.customerID
    let isSameAddress = order.email.map { $0.lowercased() == checkout.email.lowercased() } ?? false
    guard isSameCustomer || isSameAddress else { return .no }
    if cart.occurred.high <= purchase.occurred.low { return .yes }
    return cart.first.low > purchase.occurred.high ? .no : .maybe
  }

  private func max(_ one: Certainty, _ other: Certainty) -> Certainty {
    if one == .yes || other == .yes { return .yes }
    return one == .maybe || other == .maybe ? .maybe : .no
  }
}
