package import NudgeDomain
package import NudgeMail

/// What one shop wants.
package struct ShopConfiguration: Hashable, Sendable {
  package var from: Mailbox
  package var replyTo: Mailbox?
  package var policy: ShopPolicy
  /// The folder with the shop's own templates; nil for the built-in ones alone.
  package var templates: String?

  package init(
    from: Mailbox = Mailbox(name: "Example Shop", address: "cart@shop.example"), replyTo: Mailbox? = nil,
    policy: ShopPolicy = .init(), templates: String? = nil
  ) {
    self.from = from
    self.replyTo = replyTo
    self.policy = policy
    self.templates = templates
  }
}
