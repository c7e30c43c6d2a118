import NudgeAPI
import NudgeDomain
import NudgeMail

/// What SES knows of the account and of those it sends for.
struct SESIdentities: Sendable {
  /// How long all questions to SES may take.
  private static let patience = Duration.seconds(10)

  /// How SES treats mail from one domain.
  struct Known: Sendable {
    /// The identity that counts: the domain, or one above it.
    var name: String?
    var mailFrom: String?
    var signing: DomainCheck.Signing
    var findings: [DeliverabilityFinding]
  }

  struct Answer: Sendable {
    var account: [CheckReply.Finding] = []
    /// Empty unless SES sends.
    var byDomain: [String: Known] = [:]
  }

  let sender: SESSender?
  let clock: any WallClock

  /// One question after the other: SES takes one a second of some kinds.
  func look(for origins: [DomainChecks.Origin]) async -> Answer {
    guard let sender else { return Answer() }
    let end = clock.uptime().advanced(by: Self.patience)
    var answer = Answer(account: await account(sender))
    for origin in origins where !MailDomain.isReserved(origin.domain) && !MailDomain.isFreemail(origin.domain) {
      let isLate = clock.uptime() > end
      answer.byDomain[origin.domain] = isLate ? .unavailable("SES took too long") : await known(origin, sender)
    }
    return answer
  }

  // MARK: Account

  private func account(_ sender: SESSender) async -> [CheckReply.Finding] {
    let account: SESAccount
    switch await inTime({ await sender.account() }) {
    case nil: return [.init(level: .warning, place: "SES", detail: "not checked: SES took too long")]
    case .unavailable(let error)?: return [.init(level: .warning, place: "SES", detail: "not checked: \(error)")]
    case .known(let known)?: account = known
    }
    var findings: [(CheckReply.Level, String)] = []
    if !account.isSending { findings.append((.error, "sending is stopped for the whole account; AWS says why")) }
    if !account.isInProduction {
      findings.append((.warning, "the account is in the sandbox: only verified addresses get mail"))
    }
    if let enforcement = account.enforcement, enforcement != "HEALTHY" {
      findings.append((.warning, "AWS has the account under \(enforcement): look at bounces and complaints"))
    }
    if findings.isEmpty { findings.append((.ok, "the account may send")) }
    return findings.map { .init(level: $0.0, place: "SES", detail: $0.1) }
  }

  // MARK: Identities

  /// The domain, those above it, and at last the address alone: the first that the account has.
  private func known(_ origin: DomainChecks.Origin, _ sender: SESSender) async -> Known {
    let labels = origin.domain.split(separator: ".")
    let domains = (0..<max(1, labels.count - 1)).map { labels[$0...].joined(separator: ".") }
    for name in domains + [origin.address] {
      switch await inTime({ await sender.identity(name) }) {
      case nil: return .unavailable("SES took too long")
      case .unavailable(let error)?: return .unavailable(error)
      case .missing?: continue
      case .known(let identity)?: return Known(identity, name: name)
      }
    }
    let why = "SES does not know \(origin.domain): verify it as an identity there, or mail from it is refused"
    return Known(signing: .nobody(why), findings: [])
  }

  /// Nil if it takes too long.
  private func inTime<T: Sendable>(_ question: @escaping @Sendable () async -> T) async -> T? {
    await withTaskGroup(of: T?.self) { group in
      group.addTask { await question() }
      group.addTask {
        try? await clock.pass(Self.patience)  // cancelled once the answer is there
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
  }
}

extension SESIdentities.Known {
  fileprivate static func unavailable(_ why: String) -> SESIdentities.Known {
    .init(signing: .unknown(why), findings: [])
  }

  fileprivate init(_ identity: SESIdentity, name: String) {
    self.name = name.contains("@") ? nil : name
    mailFrom = identity.mailFromDomain
    findings = []
    if !identity.isVerified {
      findings.append(.init(.error, "identity", "SES has not verified \(name) yet, and refuses mail from it"))
    }
    if let status = identity.mailFromStatus, status != "SUCCESS", let mailFrom = identity.mailFromDomain {
      findings.append(.init(.warning, "MAIL FROM", "SES says \(status) of \(mailFrom), and uses its own envelope"))
    }
    guard let dkim = identity.dkim, dkim.isSigning, !dkim.tokens.isEmpty else {
      let advice = name.contains("@") ? "verify its domain there" : "turn on Easy DKIM there"
      signing = .nobody("SES does not sign mail from \(name), so that DMARC fails; \(advice)")
      return
    }
    signing = dkim.isOwnKey ? .selectors(dkim.tokens) : .ses(tokens: dkim.tokens, zone: dkim.zone)
    if let status = dkim.status, status != "SUCCESS" {
      findings.append(
        .init(.warning, "DKIM", "SES says \(status) of its keys for \(name), and does not sign until SUCCESS"))
    }
  }
}
