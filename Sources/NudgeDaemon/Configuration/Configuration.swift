package import NudgeDomain

/// What the configuration file says, with what it leaves out filled in. All defaults are in the initialisers of the
/// parts; `standard` is the sum of them.
package struct Configuration: Hashable, Sendable {
  /// The shop whose settings every other shop inherits.
  package static let defaultShop = "default"

  package var sender: SenderConfiguration
  package var retry: RetryPolicy { didSet { policies = Self.policies(shops, retry) } }
  package var clock: ClockPolicy
  /// The shop `default`, and those that differ from it.
  package var shops: [String: ShopConfiguration] { didSet { policies = Self.policies(shops, retry) } }
  /// The part that the rules read. Kept beside the rest, for every event asks for it.
  package private(set) var policies: Policies

  package init(
    sender: SenderConfiguration = .init(), retry: RetryPolicy = .standard,
    clock: ClockPolicy = .standard, shops: [String: ShopConfiguration] = [defaultShop: .init()]
  ) {
    self.sender = sender
    self.retry = retry
    self.clock = clock
    self.shops = shops
    policies = Self.policies(shops, retry)
  }

  package static let standard = Configuration()

  /// The settings of a shop; those of `default` if the file does not name it.
  package func shop(_ name: String) -> ShopConfiguration {
    shops[name] ?? shops[Self.defaultShop] ?? ShopConfiguration()
  }

  private static func policies(_ shops: [String: ShopConfiguration], _ retry: RetryPolicy) -> Policies {
    let standard = shops[defaultShop] ?? ShopConfiguration()
    return Policies(standard: standard.policy, shops: shops.mapValues(\.policy), retry: retry)
  }
}
