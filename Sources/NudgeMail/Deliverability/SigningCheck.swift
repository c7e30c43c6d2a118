// MARK: - DKIM

extension DomainCheck {
  /// Shorter keys are broken (RFC 8301).
  private static let shortestRSA = 1_024
  private static let recommendedRSA = 2_048
  private static let topic = "DKIM"

  func signatures() async -> [DeliverabilityFinding] {
    switch signing {
    case .unknown(let why): return [.notChecked(Self.topic, why)]
    case .nobody(let why): return [.init(.error, Self.topic, why)]
    case .selectors(let selectors):
      guard !selectors.isEmpty else {
        let why = "no key is named; write the selectors of the server that signs under dkim_selectors of the shop"
        return [.notChecked(Self.topic, why)]
      }
      return await each(selectors) { await self.key(under: $0) }
    case .ses(let tokens, let zone):
      let findings = await each(tokens) { await self.amazonKey($0, zone: zone) }
      guard findings.allSatisfy({ $0.level == .ok }), !tokens.isEmpty else { return findings }
      return [.init(.ok, Self.topic, "the keys of SES that \(signer) points to, \(tokens.count) of them")]
    }
  }

  private func each(
    _ names: [String], _ check: @escaping @Sendable (String) async -> DeliverabilityFinding
  ) async -> [DeliverabilityFinding] {
    await withTaskGroup(of: (Int, DeliverabilityFinding).self) { group in
      for (number, name) in names.enumerated() {
        group.addTask { (number, await check(name)) }
      }
      var findings: [(Int, DeliverabilityFinding)] = []
      for await finding in group { findings.append(finding) }
      return findings.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private func place(of selector: String, in domain: String? = nil) -> String {
    "\(selector)._domainkey.\(domain ?? signer)"
  }

  /// The domain that signs may be one above: that is aligned as well, unless its DMARC record wants the very same.
  private func key(under selector: String) async -> DeliverabilityFinding {
    for domain in signers {
      let place = place(of: selector, in: domain)
      switch await dns.answer(place, .txt) {
      case .unknown(let why): return .notChecked(Self.topic, "TXT of \(place): \(why)")
      case .nothing: continue
      case .records(let records): return judge(records, selector, at: place)
      }
    }
    let place = place(of: selector)
    let record = "\(place). IN TXT \"v=DKIM1; k=rsa; p=PUBLIC-KEY-IN-BASE64\""
    return .init(.error, Self.topic, "no key at \(place), so that signatures with it fail", publish: record)
  }

  /// The signer and the domains above it, without the top-level ones.
  private var signers: [String] {
    let labels = signer.split(separator: ".")
    return (0..<max(1, labels.count - 1)).map { labels[$0...].joined(separator: ".") }
  }

  private func judge(_ records: [DNSRecord], _ selector: String, at place: String) -> DeliverabilityFinding {
    guard records.count == 1, let text = records.first?.text else {
      return .init(.error, Self.topic, "\(place) has \(records.count) records, and may have one only")
    }
    do throws(DKIMKeyError) {
      return judge(try DKIMKey(parsing: text), place)
    } catch {
      return .init(.error, Self.topic, "the key at \(place) does not count: \(error)")
    }
  }

  private func judge(_ key: DKIMKey, _ place: String) -> DeliverabilityFinding {
    let name = "the key at \(place)"
    if key.isTest {
      return .init(.warning, Self.topic, "\(name) is marked as a test (t=y), so that signatures may count for nothing")
    }
    switch key.kind {
    case .ed25519:
      return .init(.warning, Self.topic, "\(name) is Ed25519, which not every receiver knows; sign with RSA, too")
    case .rsa(let bits) where bits < Self.shortestRSA:
      return .init(.error, Self.topic, "\(name) has \(bits) bits, which receivers ignore; take \(Self.recommendedRSA)")
    case .rsa(let bits) where bits < Self.recommendedRSA:
      return .init(.warning, Self.topic, "\(name) has \(bits) bits; take \(Self.recommendedRSA)")
    case .rsa(let bits): return .init(.ok, Self.topic, "\(name), RSA with \(bits) bits")
    }
  }

  /// SES keeps the keys; the domain points to them with an alias.
  private func amazonKey(_ token: String, zone: String) async -> DeliverabilityFinding {
    let place = place(of: token)
    let target = "\(token).\(zone)"
    let record = "\(place). IN CNAME \(target)."
    switch await dns.answer(place, .cname) {
    case .unknown(let why): return .notChecked(Self.topic, "CNAME of \(place): \(why)")
    case .records(let aliases) where aliases.first?.text.lowercased() == target.lowercased():
      return .init(.ok, Self.topic, "\(place) points to SES")
    case .records(let aliases):
      let detail = "\(place) points to \(aliases.first?.text ?? "nothing"), not to \(target)"
      return .init(.error, Self.topic, detail, publish: record)
    case .nothing:
      // Some name servers answer with the key itself in place of an alias.
      if case .records = await dns.answer(place, .txt) { return await key(under: token) }
      return .init(.error, Self.topic, "\(place) is missing, so that SES cannot sign for \(signer)", publish: record)
    }
  }
}
