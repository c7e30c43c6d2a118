package import NudgeDomain
package import NudgeMail
package import NudgeStore

/// Writes the letters of all shops: a configuration with its templates. A value: a reload makes a new one.
package struct MailDesk: Sendable {
  package let configuration: Configuration
  private let composers: [Wording: Composer]

  /// What a shop's mails are worded by.
  struct Wording: Hashable {
    var templates: String?
    var locale: String?

    init(_ shop: ShopConfiguration) {
      templates = shop.templates
      locale = shop.locale
    }
  }

  /// Reads the templates and fills each in with samples.
  ///
  /// - Throws: everything that is wrong with them.
  package init(configuration: Configuration) throws(ConfigurationError) {
    var composers: [Wording: Composer] = [:]
    var issues: [ConfigurationError.Issue] = []
    for wording in Self.wordings(configuration) {
      do throws(TemplateError) {
        let templates = try TemplateSet(folder: wording.templates, locale: wording.locale)
        try templates.check()
        composers[wording] = Composer(templates: templates)
      } catch {
        issues.append(.init(file: error.file, line: error.line, key: error.variable, message: error.problem))
      }
    }
    guard issues.isEmpty else { throw ConfigurationError(issues: issues) }
    self.configuration = configuration
    self.composers = composers
  }

  /// The letter for a claim; equal claims give equal letters.
  package func letter(for claim: Claim) throws(CompositionError) -> Letter {
    let mail = try mail(of: claim.content, message: claim.messageID)
    let attempt = "a-\(claim.attemptID)-\(claim.content.instance)"
    return Letter(attemptID: attempt, sender: mail.sender, recipient: mail.recipient, bytes: mail.bytes)
  }

  /// The same, or why there is none.
  func composition(for claim: Claim) -> Result<Letter, CompositionError> {
    Result { () throws(CompositionError) in try letter(for: claim) }
  }

  /// The mail of a message.
  package func mail(of content: ClaimContent, message: Int64) throws(CompositionError) -> Mail {
    try composer(of: content.shop).compose(try request(of: content, message: message))
  }

  /// What the mail of a message is made of.
  package func request(of content: ClaimContent, message: Int64) throws(CompositionError) -> MailRequest {
    var request = request(
      content.kind, shop: content.shop, to: content.to, cart: try Cart(content),
      id: "m\(message).\(content.instance)", date: content.createdAt)
    request.checkoutID = content.checkoutID
    request.orderID = content.orderID
    request.occurredAt = content.occurredAt
    return request
  }

  /// A request with all that the configuration says of such a mail.
  ///
  /// - Parameter id: of the message, the left part of its Message-ID.
  package func request(
    _ kind: Message.Kind, shop name: String, to: String, cart: Cart, id: String, date: Moment
  ) -> MailRequest {
    let shop = configuration.shop(name)
    let sender = shop.sender(of: kind)
    let domain = (try? sender.asciiDomain) ?? "localhost"  // the composer refuses such a sender by itself
    var cart = cart
    cart.locale = cart.locale ?? shop.locale
    return MailRequest(
      kind: kind, shop: name, from: sender, replyTo: shop.replyTo, to: to, cart: cart, messageID: "\(id)@\(domain)",
      date: date, lastStep: kind == .reminder(step: shop.policy.schedule.offsets.count), imprint: shop.imprint)
  }

  func composer(of shop: String) -> Composer {
    composers[Wording(configuration.shop(shop))] ?? Composer()
  }

  /// Each once, in an order that does not change.
  private static func wordings(_ configuration: Configuration) -> [Wording] {
    Set(configuration.shops.values.map(Wording.init)).sorted {
      ($0.templates ?? "", $0.locale ?? "") < ($1.templates ?? "", $1.locale ?? "")
    }
  }
}
