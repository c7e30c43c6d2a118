import NudgeDomain
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

  /// All that the mail of a message is written from.
  func request(of content: ClaimContent, message: Int64) throws(CompositionError) -> MailRequest {
    let shop = configuration.shop(content.shop)
    return MailRequest(
      kind: content.kind, shop: content.shop, from: shop.from, replyTo: shop.replyTo, to: content.to,
      cart: try Cart(content), checkoutID: content.checkoutID, orderID: content.orderID,
      messageID: "m\(message).\(content.instance)@\(try domain(of: shop.from))", date: content.createdAt,
      lastStep: content.kind == .reminder(step: shop.policy.schedule.offsets.count))
  }

  func composer(of shop: String) -> Composer {
    composers[configuration.shop(shop).templates ?? ""] ?? Composer()
  }

  private func domain(of mailbox: Mailbox) throws(CompositionError) -> String {
    do throws(MailboxError) {
      return try mailbox.asciiDomain
    } catch {
      throw .refused(field: "from", because: error.description)
    }
  }
}
