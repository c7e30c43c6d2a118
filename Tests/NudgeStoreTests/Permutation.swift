import NudgeDomain

@testable import NudgeStore

/// What a shop may tell of one checkout and its order.
enum Told: CaseIterable, Sendable {
  case checkout
  case changed
  case order
  case repeatedOrder
  case emptied

  static let permutations: [[Told]] = permutations(of: allCases)

  private static func permutations(of told: [Told]) -> [[Told]] {
    guard !told.isEmpty else { return [[]] }
    return told.indices.flatMap { index in
      var rest = told
      let first = rest.remove(at: index)
      return permutations(of: rest).map { [first] + $0 }
    }
  }
}

/// A random number generator that a seed determines: a failing story can be told again.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// One shop with one checkout, told in one order, repeated as an unlucky network would.
struct Story: Sendable {
  /// How the order says which checkout it ends.
  enum Naming: CaseIterable {
    case checkoutID
    case orderID
    case email
    case customerID
  }

  var shop: String
  var told: [Told]
  var naming: Naming
  /// True if the shop says when each event happened; else it happened when it was heard.
  var isDated: Bool
  var random: Seeded
  var checker: Checker

  init(number: Int, permutation: [Told], resendsUnknown: Bool) {
    shop = "shop-\(number)"
    random = Seeded(state: UInt64(number))
    told = permutation
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      let again = permutation.randomElement(using: &random) ?? .order
      told.insert(again, at: Int.random(in: 0...told.count, using: &random))
    }
    isDated = Bool.random(using: &random)
    // What is dated later than the order is another purchase, unless the order names it.
    let namings: [Naming] = isDated ? Naming.allCases : [.checkoutID, .orderID]
    naming = namings.randomElement(using: &random) ?? .checkoutID
    checker = Checker(resendsUnknown: resendsUnknown)
  }

  func event(_ told: Told, heard: Moment) -> ShopEvent {
    switch told {
    case .checkout: .checkout(change("mug", at: isDated ? at(0) : heard))
    case .changed: .checkout(change("cup", at: isDated ? at(2) : heard))
    case .emptied: .checkout(change("", at: isDated ? at(4) : heard, isEmpty: true))
    case .order, .repeatedOrder: .order(order(at: isDated ? at(5) : heard))
    }
  }

  private func change(_ content: String, at occurred: Moment, isEmpty: Bool = false) -> CheckoutChange {
    CheckoutChange(
      key: CheckoutKey(shop: shop, id: "c-1"), orderID: naming == .orderID ? "o-1" : nil, email: "ann@example.com",
      customerID: "42", occurredAt: occurred, content: content, isEmpty: isEmpty)
  }

  private func order(at occurred: Moment) -> Order {
    Order(
      shop: shop, id: "o-1", checkoutID: naming == .checkoutID ? "c-1" : nil,
      email: naming == .email ? "Ann@Example.com" : nil, customerID: naming == .customerID ? "42" : nil,
      occurredAt: occurred, content: "receipt")
  }
}

/// What must hold, kept apart from how the store does it: it sees only acknowledgements, claims and outcomes.
struct Checker: Sendable {
  struct Step: Hashable {
    var kind: Message.Kind
    var generation: Int
  }

  let resendsUnknown: Bool
  private(set) var faults: [String] = []
  private var isOrderAcknowledged = false
  private var inFlight: Set<Int64> = []
  /// What a mail server took, or may have taken.
  private var mailed: Set<Step> = []

  init(resendsUnknown: Bool) {
    self.resendsUnknown = resendsUnknown
  }

  mutating func acknowledged(_ told: Told) {
    if told == .order || told == .repeatedOrder { isOrderAcknowledged = true }
  }

  mutating func claimed(_ claim: Claim) {
    if case .reminder = claim.kind, isOrderAcknowledged {
      faults.append("\(claim.kind) was claimed after the order was acknowledged")
    }
    if mailed.contains(Step(kind: claim.kind, generation: claim.generation)) {
      faults.append("\(claim.kind) of generation \(claim.generation) was claimed a second time")
    }
    if !inFlight.insert(claim.messageID).inserted { faults.append("\(claim.kind) was claimed while in flight") }
  }

  mutating func settled(_ claim: Claim, _ outcome: Outcome, _ settlement: Settlement) {
    if !settlement.settled { faults.append("the settlement of \(claim.kind) was refused") }
    inFlight.remove(claim.messageID)
    switch outcome {
    case .delivered(.unknown) where claim.kind == .order && resendsUnknown: break
    case .delivered(.accepted), .delivered(.unknown):
      mailed.insert(Step(kind: claim.kind, generation: claim.generation))
    case .delivered(.deferred), .delivered(.refused), .renderFailed, .withdrawn, .outpaced: break
    }
  }

  mutating func settledAgain(_ settlement: Settlement) {
    if settlement.settled { faults.append("a claim was settled twice") }
  }
}
