package import NudgeDomain
package import NudgeMail

/// What one shop wants.
package struct ShopConfiguration: Hashable, Sendable {
  package var from: Mailbox
  /// Whom order messages are from; nil for `from`.
  package var orderFrom: Mailbox?
  package var replyTo: Mailbox?
  /// The postal address, and what else the law asks for, at the foot of each mail; line by line.
  package var imprint: [String]
  /// A BCP 47 tag, for events that say none.
  package var locale: String?
  /// The names of the DKIM keys that the mail server signs with, for checks alone.
  package var dkimSelectors: [String]
  package var policy: ShopPolicy
  /// The folder with the shop's own templates; nil for the built-in ones alone.
  package var templates: String?

  package init(
    from: Mailbox = Mailbox(name: "Example Shop", address: "cart@shop.example"), orderFrom: Mailbox? = nil,
    replyTo: Mailbox? = nil, imprint: [String] = [], locale: String? = nil, dkimSelectors: [String] = [],
    policy: ShopPolicy = .init(), templates: String? = nil
  ) {
    self.from = from
    self.orderFrom = orderFrom
    self.replyTo = replyTo
    self.imprint = imprint
    self.locale = locale
    self.dkimSelectors = dkimSelectors
    self.policy = policy
    self.templates = templates
  }

  /// Whom a mail of that kind is from.
  package func sender(of kind: Message.Kind) -> Mailbox {
    kind == .order ? orderFrom ?? from : from
  }
}
