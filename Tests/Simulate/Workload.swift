import SimulationModel

/// Shoppers: what their shops will say of them, planned at the beginning.
extension World {
  private static let minute: Int64 = 60_000

  func planShoppers(_ count: Int, from begin: Int64, until end: Int64) {
    for _ in 0..<count { plan(newShopper(), at: plans.number(begin...max(begin, end))) }
  }

  private func newShopper() -> Shopper {
    let shopper = Shopper(number: shoppers.count + 1, plans)
    shoppers[shopper.checkoutID] = shopper
    return shopper
  }

  /// What a shop says of an order, it says in the same words each time.
  private func orderEvent(of shopper: Shopper, _ dice: Dice) -> OrderEvent {
    if let known = orderEvents[shopper.checkoutID] { return known }
    let event = shopper.order(dice)
    orderEvents[shopper.checkoutID] = event
    return event
  }

  /// A reminder is claimed and on its way: now and then something comes for its checkout before it has left, or before it
  /// is answered for.
  func letterIsOnItsWay(of checkout: String) {
    guard faults.isFoul, let shopper = shoppers[checkout], dice.happens(meetings) else { return }
    let moment = time.elapsed + dice.skewed(0...(provider.connecting + Self.answering))
    switch dice.below(10) {
    case 0..<4: say(orderEvent(of: shopper, dice), at: moment)
    case 4..<8: say(shopper.checkout(dice, version: 10 + dice.below(5)), at: moment)
    default:
      var event = shopper.checkout(dice, version: 0)
      (event.isEmpty, event.content) = (true, "")
      say(event, at: moment)
    }
  }

  /// As long as the mail server takes to answer, mostly: milliseconds.
  private static let answering: Int64 = 200

  /// Many at the same moment, each with a request of its own.
  func planBurst(until end: Int64) {
    let moment = plans.number(0...end)
    for _ in 0..<plans.number(5...25) {
      let shopper = newShopper()
      say(shopper.checkout(plans, version: 1), at: moment)
      if plans.happens(30) { order(shopper, at: moment + plans.number(0...20 * Self.minute)) }
    }
  }

  func planImport(until end: Int64) {
    var lines: [Line] = []
    for _ in 0..<plans.number(1...50) {
      let shopper = newShopper()
      lines.append(plans.happens(5) ? .invalid : .checkout(shopper.checkout(plans, version: 1)))
      if plans.happens(25) { lines.append(.order(orderEvent(of: shopper, plans))) }
      if plans.happens(10) { lines.append(.checkout(shopper.checkout(plans, version: plans.below(3)))) }
    }
    let order = plans.happens(30) ? lines.reversed() : lines
    time.after(plans.number(0...end)) { [self] in client.ask(.events(order.map { dated($0) })) }
  }

  private func plan(_ shopper: Shopper, at begin: Int64) {
    var moment = begin
    say(shopper.checkout(plans, version: 1), at: moment)
    for version in 0..<plans.pick([0, 0, 1, 1, 2, 4]) {
      moment += plans.skewed(500...40 * Self.minute)
      var event = shopper.checkout(plans, version: plans.happens(25) ? 1 : version + 2)
      if plans.happens(15) { (event.isEmpty, event.content) = (true, "") }
      say(event, at: moment)
    }
    guard plans.happens(55) else { return }
    let isEarly = plans.happens(20)
    order(
      shopper, at: isEarly ? begin - plans.skewed(1...10 * Self.minute) : begin + plans.skewed(0...90 * Self.minute))
  }

  private func order(_ shopper: Shopper, at moment: Int64) {
    let event = orderEvent(of: shopper, plans)
    say(event, at: moment)
    if plans.happens(25) { say(event, at: moment + plans.skewed(1...30 * Self.minute)) }
  }

  private func say(_ event: CheckoutEvent, at moment: Int64) {
    let date = age
    time.after(moment - time.elapsed) { [self] in
      var event = event
      event.occurredAt = faults.isFoul ? date.map { time.wall - $0 } : nil
      client.ask(.checkout(event))
    }
  }

  private func say(_ event: OrderEvent, at moment: Int64) {
    let date = age
    time.after(moment - time.elapsed) { [self] in
      var event = event
      event.occurredAt = faults.isFoul ? date.map { time.wall - $0 } : nil
      client.ask(.order(event))
    }
  }

  /// How long ago an event happened, if it says so: most do not.
  private var age: Int64? { plans.happens(20) ? plans.skewed(0...120 * Self.minute) : nil }

  /// A line of an import, as of now.
  private func dated(_ line: Line) -> Line {
    guard plans.happens(20) else { return line }
    let occurredAt = time.wall - plans.skewed(0...120 * Self.minute)
    switch line {
    case .checkout(var event):
      event.occurredAt = occurredAt
      return .checkout(event)
    case .order(var event):
      event.occurredAt = occurredAt
      return .order(event)
    case .invalid: return line
    }
  }
}

/// Somebody with a cart.
struct Shopper {
  private let number: Int
  private let shop: String
  private let email: String
  private let customerID: String?
  /// The order's id is known at the checkout already.
  private let knowsOrder: Bool
  private let isInvalid: Bool

  init(number: Int, _ dice: Dice) {
    self.number = number
    shop = dice.pick(Shops.names + ["elsewhere"])
    let own = dice.happens(5) ? "\(Provider.refusedPrefix)\(number)" : "s\(number)"
    email = dice.happens(70) ? "\(own)@example.com" : "pool\(dice.below(3))@example.com"
    customerID = dice.pick([nil, nil, "k\(number)", "shared\(dice.below(2))"])
    knowsOrder = dice.happens(20)
    isInvalid = dice.happens(2)
  }

  var checkoutID: String { "c-\(number)" }

  func checkout(_ dice: Dice, version: Int) -> CheckoutEvent {
    CheckoutEvent(
      shop: shop, checkoutID: checkoutID, orderID: knowsOrder ? "o-\(number)" : nil, email: email,
      customerID: customerID, content: "Mug \(version)", isInvalid: isInvalid)
  }

  /// An order says who it is of in one way or in several.
  func order(_ dice: Dice) -> OrderEvent {
    let ways = dice.below(6)
    return OrderEvent(
      shop: shop, orderID: "o-\(number)", checkoutID: ways < 3 ? checkoutID : nil,
      email: ways == 1 || ways == 4 || ways == 5 ? cased(dice) : nil,
      customerID: ways == 2 || ways == 4 ? customerID : nil,
      isInvalid: dice.happens(1))
  }

  private func cased(_ dice: Dice) -> String { dice.happens(30) ? email.uppercased() : email }
}
