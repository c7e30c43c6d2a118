/// Whether mail to a domain arrives anywhere.
package struct ExchangeCheck: Sendable {
  /// The exchange of a domain that takes no mail, RFC 7505.
  private static let null = "."
  private static let topic = "MX"

  let domain: String
  let dns: DNSLookups

  package init(domain: String, dns: DNSLookups) {
    self.domain = domain
    self.dns = dns
  }

  /// - Parameter what: what would not arrive, in the plural.
  package func finding(for what: String) async -> DeliverabilityFinding {
    let record = "\(domain). IN MX 10 NAME-OF-YOUR-MAIL-SERVER."
    switch await dns.answer(domain, .mx) {
    case .unknown(let why): return .notChecked(Self.topic, "MX of \(domain): \(why)")
    case .nothing(nameExists: false):
      return .init(.error, Self.topic, "\(domain) does not exist: \(what) cannot arrive", publish: record)
    case .nothing(nameExists: true): return await withoutExchange(what, record)
    case .records(let records):
      guard !records.contains(where: { $0.text == Self.null }) else {
        let detail =
          "\(domain) says that it takes no mail (null MX): \(what) cannot arrive, and receivers may refuse it as a sender"
        return .init(.error, Self.topic, detail)
      }
      return await exchanges(records.sorted { $0.preference < $1.preference }.map(\.text), what)
    }
  }

  /// Where there is no MX record, mail goes to the address of the name itself.
  private func withoutExchange(_ what: String, _ record: String) async -> DeliverabilityFinding {
    switch await hasAddress(domain) {
    case nil: return .notChecked(Self.topic, "the address of \(domain): no name server had an answer")
    case true:
      let detail = "no record: \(what) go to the address of \(domain) itself, if a mail server is there"
      return .init(.warning, Self.topic, detail, publish: record)
    case false:
      return .init(.error, Self.topic, "neither an MX record nor an address: \(what) cannot arrive", publish: record)
    }
  }

  private func exchanges(_ hosts: [String], _ what: String) async -> DeliverabilityFinding {
    var lame: [String] = []
    for host in hosts {
      switch await hasAddress(host) {
      case true, nil:
        guard lame.isEmpty else {
          return .init(.warning, Self.topic, "\(lame.joined(separator: ", ")) has no address; \(what) go to \(host)")
        }
        return .init(.ok, Self.topic, "\(what) go to \(host)")
      case false: lame.append(host)
      }
    }
    return .init(.error, Self.topic, "no address for \(lame.joined(separator: ", ")): \(what) cannot arrive")
  }

  /// Nil if that could not be found out.
  private func hasAddress(_ name: String) async -> Bool? {
    var isKnown = true
    for kind in [DNSQuestion.Kind.a, .aaaa] {
      switch await dns.answer(name, kind) {
      case .records: return true
      case .nothing: continue
      case .unknown: isKnown = false
      }
    }
    return isKnown ? false : nil
  }

  /// What SES asks of a MAIL FROM domain.
  func feedback(region: String) async -> DeliverabilityFinding {
    let topic = "MX of \(domain)"
    let host = "feedback-smtp.\(region).amazonses.com"
    let record = "\(domain). IN MX 10 \(host)."
    switch await dns.answer(domain, .mx) {
    case .unknown(let why): return .notChecked(topic, "MX of \(domain): \(why)")
    case .records(let records) where records.count == 1 && records[0].text.lowercased() == host:
      return .init(.ok, topic, "bounces go to SES")
    case .records, .nothing:
      let detail = "SES wants this one record and no other; without it, it falls back to an envelope of its own"
      return .init(.error, topic, detail, publish: record)
    }
  }
}
