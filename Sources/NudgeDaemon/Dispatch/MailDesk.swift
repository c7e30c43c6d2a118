package import NudgeDomain
package import NudgeMail
package import NudgeStore

/// Writes the letters of all shops: a configuration with its templates. A value: a reload makes a new one.
package struct MailDesk: Sendable {
  package let configuration: Configuration
  /// By the folder of the templates; under the empty name the built-in ones.
  private let composers: [String: Composer]

  /// Reads the templates and fills each in with samples.
  ///
  /// - Throws: everything that is wrong with them.
  package init(configuration: Configuration) throws(ConfigurationError) {
    var composers: [String: Composer] = [:]
    var issues: [ConfigurationError.Issue] = []
    for folder in Set(configuration.shops.values.map(\.templates)).sorted(by: { $0 ?? "" < $1 ?? "" }) {
      do throws(TemplateError) {
        let templates = try TemplateSet(folder: folder)
        try templates.check()
        composers[folder ?? ""] = Composer(templates: templates)
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
    composers[configuration.shop(shop).templates ?? ""] ?? Composer()
  }
}
