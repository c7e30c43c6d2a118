import NudgeAPI
import NudgeDomain
import NudgeMail
import NudgeStore

/// What the shops write, looked at as their readers and the filters between will: with a sample, and with what shoppers
/// left lately.
struct LetterChecks {
  /// How many of the latest open checkouts are looked at.
  static let mostCheckouts = 200
  /// How many of them are written in full, to see how large they become.
  private static let mostWritten = 50

  /// What a shop's mails depend on: shops that are alike in it are told of once.
  private struct Look: Hashable {
    let wording: MailDesk.Wording
    let steps: Int

    init(_ shop: ShopConfiguration) {
      wording = MailDesk.Wording(shop)
      steps = shop.policy.schedule.offsets.count
    }
  }

  let desk: MailDesk
  let recent: [CheckoutRecord]
  let now: Moment

  func findings() -> [CheckReply.Finding] {
    let recent = Dictionary(grouping: recent) { $0.checkout.latest.key.shop }
    let configured = desk.configuration.shops
    var seen: Set<Look> = []
    return Set(configured.keys).union(recent.keys).sorted().flatMap { name in
      var findings: [DeliverabilityFinding] = []
      if let shop = configured[name] {
        findings += imprint(of: shop)
        if seen.insert(Look(shop)).inserted { findings += letters(of: name, shop) }
      }
      findings += carts(of: name, recent[name] ?? [])
      return findings.map { CheckReply.Finding($0, group: "shop \(name)") }
    }
  }

  // MARK: Imprint

  private func imprint(of shop: ShopConfiguration) -> [DeliverabilityFinding] {
    guard shop.imprint.isEmpty else { return [.init(.ok, "imprint", shop.imprint.joined(separator: ", "))] }
    let exception = shop.templates == nil ? "" : ", unless the shop's own templates have one"
    let detail = "none: mails lack the postal address that the law asks for in many countries\(exception)"
    return [.init(.warning, "imprint", detail)]
  }

  // MARK: Templates

  /// The shop's mails, filled in with a sample whose own links are https.
  private func letters(of name: String, _ shop: ShopConfiguration) -> [DeliverabilityFinding] {
    let steps = 1...shop.policy.schedule.offsets.count
    let kinds = steps.map { Message.Kind.reminder(step: $0) } + [.order]
    var findings: [DeliverabilityFinding] = []
    for kind in kinds {
      let request = request(kind, shop: name, cart: Cart(.sample))
      guard let letter = try? desk.composer(of: name).render(request) else { continue }  // the configuration's finding
      let title = kind.title
      for var finding in LetterCheck.findings(letter, link: request.cart.url) {
        finding.topic = "\(finding.topic) of \(title)"
        if !findings.contains(where: { $0.detail == finding.detail }) { findings.append(finding) }
      }
    }
    return findings.isEmpty ? [.init(.ok, "templates", "\(kinds.count) kinds of mail look sound")] : findings
  }

  private func request(_ kind: Message.Kind, shop: String, cart: Cart) -> MailRequest {
    var request = desk.request(kind, shop: shop, to: "ann@example.com", cart: cart, id: "check", date: now)
    request.checkoutID = "c-1001"
    request.orderID = kind == .order ? "o-2001" : nil
    request.occurredAt = now
    return request
  }

  // MARK: Carts

  private func carts(of shop: String, _ records: [CheckoutRecord]) -> [DeliverabilityFinding] {
    let carts = records.compactMap { try? CartContent.parsing($0.checkout.latest.content) }
    return [links(in: carts), sizes(of: carts.prefix(Self.mostWritten), shop: shop)].compactMap(\.self)
  }

  private func links(in carts: [CartContent]) -> DeliverabilityFinding? {
    let insecure = carts.compactMap { cart in
      let links = [cart.url] + (cart.items ?? []).flatMap { [$0.url, $0.imageURL] }
      return links.compactMap(\.self).first { !$0.lowercased().hasPrefix("https://") }
    }
    guard let example = insecure.first else { return nil }
    let count = "\(insecure.count) of \(carts.count) recent open checkouts"
    let detail = "in \(count) a link is not https: \(LetterCheck.shown(example)), for one; browsers warn of it"
    return .init(.warning, "links", detail)
  }

  private func sizes(of carts: some Sequence<CartContent>, shop: String) -> DeliverabilityFinding? {
    let sizes = carts.compactMap { cart in
      let request = request(.reminder(step: 1), shop: shop, cart: Cart(cart))
      return (try? desk.composer(of: shop).render(request))?.html.utf8.count
    }
    let long = sizes.filter { $0 > LetterCheck.mostHTMLBytes }
    guard let longest = long.max() else { return nil }
    let count = "\(long.count) of \(sizes.count) recent open checkouts"
    let detail =
      "for \(count) a reminder has up to \(longest) bytes of HTML; Gmail cuts at \(LetterCheck.mostHTMLBytes)"
    return .init(.warning, "size", detail)
  }
}

extension Message.Kind {
  fileprivate var title: String {
    switch self {
    case .reminder(let step): "reminder \(step)"
    case .order: "order message"
    }
  }
}

extension CheckReply.Finding {
  init(_ finding: DeliverabilityFinding, group: String) {
    let level: CheckReply.Level =
      switch finding.level {
      case .ok: .ok
      case .warning: .warning
      case .error: .error
      }
    let place = finding.topic.contains(" of ") ? finding.topic : "\(finding.topic) of \(group)"
    self.init(level: level, group: group, place: place, detail: finding.detail, publish: finding.publish)
  }
}
