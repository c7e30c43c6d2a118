import NudgeAPI
import NudgeMail

/// What DNS, and SES if it sends, know of the domains that mail comes from and answers go to.
struct DomainChecks: Sendable {
  let configuration: Configuration
  let sender: any Sender
  let environment: [String: String]
  let clock: any WallClock

  /// A domain that mail comes from.
  struct Origin: Sendable {
    var domain: String
    /// One of the addresses.
    var address: String
    var selectors: [String]
  }

  func findings() async -> [CheckReply.Finding] {
    if configuration.sender.transport == .maildir {
      let detail = "not asked: mail stays on this machine, as files"
      return [.init(level: .ok, place: "DNS", detail: detail)]
    }
    let text = environment[DNSServer.variable].flatMap { $0.isEmpty ? nil : $0 }
    let server = text.flatMap { DNSServer(parsing: $0) }
    if let text, server == nil {
      let detail = "\(DNSServer.variable) is \(text), which is no address of a name server; write 127.0.0.1:5353"
      return [.init(level: .error, place: "DNS", detail: detail)]
    }
    let origins = origins
    let identities = await SESIdentities(sender: sender as? SESSender, clock: clock).look(for: origins)
    let dns = DNSLookups(server: server)
    async let replies = replyFindings(dns, except: Set(origins.map(\.domain)))
    return identities.account + (await originFindings(origins, identities, dns)) + (await replies)
  }

  /// In the order of their names; those of one domain as one.
  var origins: [Origin] {
    var origins: [String: Origin] = [:]
    for shop in configuration.shops.values.sorted(by: { $0.from.address < $1.from.address }) {
      for mailbox in [shop.from, shop.orderFrom].compactMap(\.self) {
        guard let domain = try? mailbox.asciiDomain.lowercased() else { continue }  // the configuration's finding
        var origin = origins[domain] ?? Origin(domain: domain, address: mailbox.address, selectors: [])
        origin.selectors += shop.dkimSelectors.filter { !origin.selectors.contains($0) }
        origins[domain] = origin
      }
    }
    return origins.values.sorted { $0.domain < $1.domain }
  }

  // MARK: Origins

  private func originFindings(
    _ origins: [Origin], _ identities: SESIdentities.Answer, _ dns: DNSLookups
  ) async -> [CheckReply.Finding] {
    await withTaskGroup(of: (Int, [CheckReply.Finding]).self) { group in
      for (number, origin) in origins.enumerated() {
        group.addTask {
          let findings = await self.findings(origin, identities.byDomain[origin.domain], dns)
          return (number, findings.map { .init($0, group: origin.domain) })
        }
      }
      var findings: [(Int, [CheckReply.Finding])] = []
      for await some in group { findings.append(some) }
      return findings.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
  }

  private func findings(
    _ origin: Origin, _ identity: SESIdentities.Known?, _ dns: DNSLookups
  ) async -> [DeliverabilityFinding] {
    if MailDomain.isReserved(origin.domain) {
      let detail = "\(origin.domain) is a name for examples and house networks: write an address of your own as from"
      return [.init(.error, "From", detail)]
    }
    if MailDomain.isFreemail(origin.domain) {
      let detail = "only \(origin.domain)'s own servers may send in its name, so that mail is refused or marked as spam"
      return [.init(.error, "From", "\(detail); write an address of your own domain as from")]
    }
    guard let identity else {
      let signing = DomainCheck.Signing.selectors(origin.selectors)
      return await DomainCheck(domain: origin.domain, envelope: .own, signing: signing, dns: dns).findings()
    }
    let region = configuration.sender.ses.region
    let check = DomainCheck(
      domain: origin.domain, envelope: .ses(region: region, mailFrom: identity.mailFrom), signing: identity.signing,
      signer: identity.name, dns: dns)
    return identity.findings + (await check.findings())
  }

  // MARK: Answers

  /// Where answers go, if not to where mail comes from.
  private func replyFindings(_ dns: DNSLookups, except origins: Set<String>) async -> [CheckReply.Finding] {
    let domains = Set(configuration.shops.values.compactMap { try? $0.replyTo?.asciiDomain.lowercased() })
    var findings: [CheckReply.Finding] = []
    for domain in domains.subtracting(origins).sorted() {
      if MailDomain.isReserved(domain) {
        let detail = "\(domain) is a name for examples and house networks: answers cannot arrive"
        findings.append(.init(.init(.error, "reply_to", detail), group: domain))
      } else {
        findings.append(.init(await ExchangeCheck(domain: domain, dns: dns).finding(for: "answers"), group: domain))
      }
    }
    return findings
  }
}
