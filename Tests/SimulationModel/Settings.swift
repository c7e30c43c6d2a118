/// The configuration, as far as promises depend on it. Durations are milliseconds.
package struct Settings: Equatable, Sendable {
  /// Messages in any one second; 0 is unlimited. With `isAuto`, nine tenths of what the mail server allows.
  package var rate: Double
  /// `sender.rate: auto`: nine tenths of what the mail server allows in a day are kept as well, once it has said so.
  package var isAuto: Bool
  package var maxInFlight: Int
  /// `retry.attempts`: hand-overs in all before a message becomes a dead letter.
  package var attempts: Int
  /// `retry.first` and `retry.longest`
  package var firstWait: Int64
  package var longestWait: Int64
  /// A jump of the wall clock ahead of the uptime by more than this pauses sending until somebody accepts it.
  package var jumpLimit: Int64
  /// The policy of each shop by name, with all that it inherits; a shop that is not here is served as `default`.
  package var shops: [String: ShopPolicy]

  package init(
    rate: Double = 14, isAuto: Bool = false, maxInFlight: Int = 16, attempts: Int = 8, firstWait: Int64 = 30_000,
    longestWait: Int64 = 3_600_000, jumpLimit: Int64 = 600_000, shops: [String: ShopPolicy] = ["default": ShopPolicy()]
  ) {
    self.rate = rate
    self.isAuto = isAuto
    self.maxInFlight = maxInFlight
    self.attempts = attempts
    self.firstWait = firstWait
    self.longestWait = longestWait
    self.jumpLimit = jumpLimit
    self.shops = shops
  }

  /// How that shop is served.
  package func policy(of shop: String) -> ShopPolicy {
    shops[shop] ?? shops["default"] ?? ShopPolicy()
  }
}

/// How one shop is served. Durations are milliseconds.
package struct ShopPolicy: Equatable, Sendable {
  package enum OnChange: String, Sendable {
    case restart, keep
  }

  package enum OrderMessage: String, Sendable {
    case never
    case whenCheckoutOpen = "when_checkout_open"
    case always
  }

  /// From the last change of the checkout; rising.
  package var schedule: [Int64]
  package var onChange: OnChange
  package var maxLate: Int64
  package var orderMessage: OrderMessage
  package var resendsUnknownOrderMessage: Bool
  /// Those whose template shows what no event carries.
  package var failing: Set<Kind>

  package init(
    schedule: [Int64] = [1_800_000, 86_400_000, 259_200_000], onChange: OnChange = .restart,
    maxLate: Int64 = 43_200_000, orderMessage: OrderMessage = .whenCheckoutOpen,
    resendsUnknownOrderMessage: Bool = true, failing: Set<Kind> = []
  ) {
    self.schedule = schedule
    self.onChange = onChange
    self.maxLate = maxLate
    self.orderMessage = orderMessage
    self.resendsUnknownOrderMessage = resendsUnknownOrderMessage
    self.failing = failing
  }
}
