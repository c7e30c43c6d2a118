import NudgeDomain
import NudgeStore

/// What shops, the dispatcher and operators ask for, by dice.
struct Script {
  var dice: Dice
  /// Claims that are not settled.
  private var claims: [Claim] = []
  private var deadLetters: [Int64] = []
  private var isPaused = false

  private static let shoppers = 40
  private static let checkouts = 60
  private static let orders = 90

  init(dice: Dice) {
    self.dice = dice
  }

  mutating func hear(_ answer: Verb.Answer) {
    claims += answer.claims
    if let settled = answer.settled { claims.removeAll { $0.attemptID == settled.attemptID } }
    deadLetters += answer.deadLetters
  }

  /// The verbs of one group.
  mutating func next(now: Moment) -> [Verb] {
    switch dice.below(20) {
    case 0..<6: return (0...dice.below(6)).map { _ in single(event(now: now)) }
    case 6, 7: return [.events((0...dice.below(20)).map { _ in event(now: now) })]
    case 8..<12: return [single(event(now: now)), .claim(limit: 1 + dice.below(12))]
    case 12..<17: return settlements()
    case 17: return letters()
    case 18:
      isPaused = !isPaused && dice.onceIn(2)
      return [.pause(isPaused)]
    default: return [.forget(before: now.advanced(by: .seconds(-20_000)))]
    }
  }

  private func single(_ event: ShopEvent) -> Verb {
    switch event {
    case .checkout(let change): .checkout(change)
    case .order(let order): .order(order)
    }
  }

  private mutating func event(now: Moment) -> ShopEvent {
    let number = dice.below(Self.checkouts)
    let email = "\(number % Self.shoppers)@example.com"
    let occurred = now.advanced(by: .seconds(-dice.below(600)))
    guard dice.onceIn(4) else {
      return .checkout(
        CheckoutChange(
          key: CheckoutKey(shop: "default", id: "c-\(number)"), email: email,
          customerID: dice.onceIn(3) ? "u-\(number % 7)" : nil, occurredAt: occurred, content: text(),
          isEmpty: dice.onceIn(12)))
    }
    return .order(
      Order(
        shop: "default", id: "o-\(dice.below(Self.orders))", checkoutID: dice.onceIn(2) ? "c-\(number)" : nil,
        email: email, occurredAt: occurred, content: text()))
  }

  /// Sometimes longer than a page.
  private mutating func text() -> String {
    String(repeating: dice.pick(["mug ", "tea ", "jam "]), count: dice.onceIn(15) ? 1_500 : 20 + dice.below(60))
  }

  private mutating func settlements() -> [Verb] {
    guard !claims.isEmpty else { return [.claim(limit: 8)] }
    let ended = claims.prefix(1 + dice.below(8))
    return ended.map { .settle($0, outcome()) }
  }

  private mutating func outcome() -> Outcome {
    switch dice.below(12) {
    case 0..<6: .delivered(.accepted(providerID: "p-\(dice.below(1_000_000))"))
    case 6: .delivered(.deferred(.message, error: "451 later"))
    case 7: .delivered(.deferred(.throttled, error: "too fast"))
    case 8: .delivered(.refused(error: "550 no"))
    case 9: .delivered(.unknown(error: "lost"))
    case 10: .renderFailed(error: "no such word")
    default: dice.onceIn(2) ? .withdrawn : .outpaced
    }
  }

  private mutating func letters() -> [Verb] {
    guard !deadLetters.isEmpty else { return [.retry([1, 2])] }
    let chosen = Array(deadLetters.prefix(1 + dice.below(3)))
    deadLetters.removeFirst(chosen.count)
    return [dice.onceIn(3) ? .drop(chosen) : .retry(chosen)]
  }
}
