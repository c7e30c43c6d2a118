/// A domain that mail comes from, against what DNS says of it.
package struct DomainCheck: Sendable {
  /// Whose name stands in the envelope: SPF is about that one.
  package enum Envelope: Hashable, Sendable {
    /// The From address itself.
    case own
    /// Amazon's, or the MAIL FROM domain that was set up there.
    case ses(region: String, mailFrom: String?)
  }

  /// Who signs, and with which keys.
  package enum Signing: Hashable, Sendable {
    /// The keys under these names.
    case selectors([String])
    /// SES, with keys of its own that the domain points to.
    case ses(tokens: [String], zone: String)
    /// Not to be found out, and why.
    case unknown(String)
    /// Nobody, and why.
    case nobody(String)
  }

  static let receivers = "Gmail, Yahoo and others"

  package var domain: String
  package var envelope: Envelope
  package var signing: Signing
  /// The domain whose keys sign: the same, or one above it.
  package var signer: String
  let dns: DNSLookups

  package init(domain: String, envelope: Envelope, signing: Signing, signer: String? = nil, dns: DNSLookups) {
    self.domain = domain
    self.envelope = envelope
    self.signing = signing
    self.signer = signer ?? domain
    self.dns = dns
  }

  package func findings() async -> [DeliverabilityFinding] {
    async let exchange = ExchangeCheck(domain: domain, dns: dns).finding(for: "answers and bounces")
    async let signatures = signatures()
    async let policy = policy()
    let keys = await signatures
    let senders = await senders(isSigned: keys.contains { $0.level == .ok })
    return [await exchange] + senders + keys + [await policy]
  }
}

// MARK: - SPF

extension DomainCheck {
  private func senders(isSigned: Bool) async -> [DeliverabilityFinding] {
    switch envelope {
    case .own: return [await ownSenders(isSigned: isSigned)]
    case .ses(_, nil):
      let detail =
        "the envelope is amazonses.com's, and passes there; that does not count for \(domain), so that DKIM must"
      return [.init(.ok, "SPF", detail)]
    case .ses(let region, let mailFrom?): return await amazonSenders(mailFrom, region: region)
    }
  }

  private func ownSenders(isSigned: Bool) async -> DeliverabilityFinding {
    let evaluation = await SPFEvaluation.of(domain, dns)
    let record = "\(domain). IN TXT \"v=spf1 ip4:ADDRESS-OF-YOUR-MAIL-SERVER -all\""
    switch evaluation.result {
    case .unknown(let why): return .notChecked("SPF", why)
    case .none where isSigned:
      return .init(
        .warning, "SPF", "no record says which servers may send; DKIM alone has to carry DMARC", publish: record)
    case .none:
      let detail =
        "no record says which servers may send, and no DKIM key is known: \(Self.receivers) refuse mail with neither"
      return .init(.error, "SPF", detail, publish: record)
    case .broken(let problem):
      return .init(.error, "SPF", "the record is broken and counts as a failure: \(problem)")
    case .stranger(let verdict): return judge(verdict, lookups: evaluation.lookups)
    }
  }

  private func judge(_ verdict: SPFRecord.Verdict?, lookups: Int) -> DeliverabilityFinding {
    let advice = "end it with -all or ~all"
    switch verdict {
    case .pass:
      return .init(.error, "SPF", "the record lets every server of the world send in the name of \(domain); \(advice)")
    case .neutral: return .init(.warning, "SPF", "the record ends in ?all and says nothing of strangers; \(advice)")
    case nil: return .init(.warning, "SPF", "the record has no all and says nothing of strangers; \(advice)")
    case .fail, .softFail:
      let word = verdict == .fail ? "fail" : "softfail"
      let count = "\(lookups) of at most \(SPFEvaluation.mostLookups) lookups"
      return .init(.ok, "SPF", "one record, \(count), strangers \(word); make sure that it names your mail server")
    }
  }

  private func amazonSenders(_ mailFrom: String, region: String) async -> [DeliverabilityFinding] {
    let include = "amazonses.com"
    let topic = "SPF of \(mailFrom)"
    let record = "\(mailFrom). IN TXT \"v=spf1 include:\(include) -all\""
    let evaluation = await SPFEvaluation.of(mailFrom, dns)
    let exchange = await ExchangeCheck(domain: mailFrom, dns: dns).feedback(region: region)
    switch evaluation.result {
    case .unknown(let why): return [.notChecked(topic, why), exchange]
    case .none:
      let detail = "the MAIL FROM domain has no record; SES then falls back to an envelope of its own"
      return [.init(.error, topic, detail, publish: record), exchange]
    case .broken(let problem):
      return [.init(.error, topic, "the record is broken and counts as a failure: \(problem)"), exchange]
    case .stranger where !evaluation.included.contains(include):
      return [.init(.error, topic, "the record does not include \(include), which sends", publish: record), exchange]
    case .stranger(let verdict):
      var finding = judge(verdict, lookups: evaluation.lookups)
      finding.topic = topic
      if finding.level == .ok { finding.detail = "the record names \(include)" }
      return [finding, exchange]
    }
  }
}

// MARK: - DMARC

extension DomainCheck {
  private func policy() async -> DeliverabilityFinding {
    let topic = "DMARC"
    switch await DMARCSearch.of(domain, dns) {
    case .unknown(let why): return .notChecked(topic, why)
    case .none:
      let detail = "no record; \(Self.receivers) want one from everybody who sends much"
      let record = "_dmarc.\(domain). IN TXT \"v=DMARC1; p=none; rua=mailto:postmaster@\(domain)\""
      return .init(.warning, topic, detail, publish: record)
    case .several(let place, let count):
      return .init(.error, topic, "_dmarc.\(place) has \(count) records, so that none counts; leave one")
    case .broken(let problem, let place):
      return .init(.error, topic, "the record at _dmarc.\(place) is broken: \(problem)")
    case .record(let record, let place): return judge(record, at: place)
    }
  }

  private func judge(_ record: DMARCRecord, at place: String) -> DeliverabilityFinding {
    let isOwn = place == domain
    let policy = isOwn ? record.policy : record.subdomainPolicy ?? record.policy
    let source = isOwn ? "" : ", from \(place)"
    switch policy {
    case .reject, .quarantine: return .init(.ok, "DMARC", "p=\(policy.rawValue)\(source)")
    case .none where record.hasReports:
      return .init(.ok, "DMARC", "p=none\(source): once the reports look well, p=quarantine protects your name")
    case .none:
      let detail = "p=none\(source) without rua=: it neither protects your name nor tells you who uses it"
      return .init(.warning, "DMARC", detail)
    }
  }
}
