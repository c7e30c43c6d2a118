import NudgeDaemon
import NudgeDomain

/// What happens in the hour, and when: the same for the same seed.
struct HourScript {
  enum Deed {
    case carts([World.Cart])
    case order(String, World.Cart)
    case weather(Weather, hanging: Int)
    case reload(isSecure: Bool)
    /// nudged crashes after so many more mails.
    case crash(after: Int)
    /// A person looks at the dead letters, and decides for some in a hundred to send them again.
    case retry(percent: Int)
  }

  static let start = noon
  static let length = Duration.seconds(3_600)
  /// Of a hundred mishaps, those that let nudged wait until its patience ends: few, because they take real time.
  static let hanging = 6

  private(set) var deeds: [(at: Moment, deed: Deed)] = []
  private var dice: Seeded
  private let configuration: Configuration

  init(seed: UInt64, configuration: Configuration, carts: Int) {
    dice = Seeded(seed, for: "script")
    self.configuration = configuration
    planWeather()
    planCarts(carts)
    for crash in 1...5 { add(Double(crash) * 0.17, .crash(after: 3 + dice.below(25))) }
    for look in 1...6 { add(Double(look) * 0.16 + 0.01, .retry(percent: 30)) }
    deeds = deeds.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
  }

  private mutating func add(_ share: Double, _ deed: Deed) {
    deeds.append((Self.start.advanced(by: .milliseconds(Int64(share * Double(Self.length.milliseconds)))), deed))
  }

  /// Fair spells, and between them all that can go wrong with everybody's mail.
  private mutating func planWeather() {
    var spells: [[Deed]] = Answer.conditions.shuffled(using: &dice).prefix(7).map { [.weather(.all($0), hanging: 0)] }
    spells += [Answer.throttled429, .maximumRate].map { [.weather(.all($0), hanging: 0)] }
    spells += [[.weather(.resets, hanging: 0)], [.weather(.down, hanging: 0)], [.reload(isSecure: true)]]
    spells += [
      [.weather(.fair(mishaps: 40), hanging: Self.hanging)], [.weather(.fair(mishaps: 20), hanging: Self.hanging)],
    ]
    spells.shuffle(using: &dice)
    for (number, spell) in spells.enumerated() {
      let begin = (Double(number) + 0.5) / Double(spells.count)
      let isStorm = if case .weather(.fair, _) = spell[0] { true } else { false }
      for deed in spell { add(begin, deed) }
      let end = begin + (isStorm ? 0.005 : 0.012 + 0.001 * Double(dice.below(12)))
      if case .reload = spell[0] { add(end, .reload(isSecure: false)) }
      add(end, .weather(.fair(mishaps: 6), hanging: Self.hanging))
    }
    add(0, .weather(.fair(mishaps: 6), hanging: Self.hanging))
  }

  /// Checkouts come in crowds, so that many reminders are due at once; some are ordered, at the very moment a reminder
  /// is due or at any other.
  private mutating func planCarts(_ count: Int) {
    let shops = configuration.shops.keys.sorted()
    var number = 0
    while number < count {
      let size = min(count - number, 20 + dice.below(180))
      let share = Double(dice.below(700)) / 1_000
      let carts = (number..<number + size).map { World.Cart(shop: dice.pick(shops), id: "c-\($0)") }
      add(share, .carts(carts))
      for cart in carts where dice.happens(20) { planOrder(of: cart, share: share) }
      number += size
    }
  }

  private mutating func planOrder(of cart: World.Cart, share: Double) {
    let due = configuration.shop(cart.shop).policy.schedule.offsets.map {
      share + Double($0.milliseconds) / Double(Self.length.milliseconds)
    }
    add(dice.happens(60) ? dice.pick(due) : share + Double(1 + dice.below(500)) / 1_000, .order("o-\(cart.id)", cart))
  }
}
