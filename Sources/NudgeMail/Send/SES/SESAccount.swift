import Foundation

/// What SES says of the account.
package struct SESAccount: Hashable, Sendable {
  package var quota: SendingQuota
  /// False while AWS or its owner has stopped the account's mail.
  package var isSending: Bool
  /// False in the sandbox, where only verified addresses get mail.
  package var isInProduction: Bool
  /// `HEALTHY`, `PROBATION` or `SHUTDOWN`, where SES says it.
  package var enforcement: String?
}

/// What SES says of a domain or an address that mail is from.
package struct SESIdentity: Hashable, Sendable {
  /// How SES signs its mail.
  package struct DKIM: Hashable, Sendable {
    package var isSigning: Bool
    /// `SUCCESS`, `PENDING`, `FAILED`, `TEMPORARY_FAILURE` or `NOT_STARTED`.
    package var status: String?
    /// With SES's own keys: the selectors, each a CNAME `TOKEN._domainkey.DOMAIN` to `TOKEN` in `zone`. With one's own
    /// key: its selector.
    package var tokens: [String]
    /// The key is one's own, and the domain publishes it itself.
    package var isOwnKey = false
    package var zone = standardZone

    package static let standardZone = "dkim.amazonses.com"
  }

  /// True if mail from it may be sent.
  package var isVerified: Bool
  package var dkim: DKIM?
  /// The domain of the envelope's sender, if it is one's own.
  package var mailFromDomain: String?
  /// `SUCCESS`, `PENDING`, `FAILED` or `TEMPORARY_FAILURE`.
  package var mailFromStatus: String?
}

package enum SESAccountAnswer: Hashable, Sendable {
  case known(SESAccount)
  /// SES did not say, for that reason.
  case unavailable(error: String)
}

package enum SESIdentityAnswer: Hashable, Sendable {
  case known(SESIdentity)
  /// The account has no such identity.
  case missing
  /// SES did not say, for that reason.
  case unavailable(error: String)
}

extension SESAccount: Decodable {
  private struct Quota: Decodable {
    var perDay: Double
    var perSecond: Double
    var sentLastDay: Double

    enum CodingKeys: String, CodingKey {
      case perDay = "Max24HourSend"
      case perSecond = "MaxSendRate"
      case sentLastDay = "SentLast24Hours"
    }

    /// No limit of the day is written -1.
    var value: SendingQuota {
      SendingQuota(
        perSecond: max(0, perSecond), perDay: perDay < 0 ? nil : count(perDay), sentLastDay: count(sentLastDay))
    }

    /// More than any account has, and few enough for an `Int`.
    private static let most = 1e15

    private func count(_ number: Double) -> Int { Int(min(max(0, number), Self.most)) }
  }

  private enum CodingKeys: String, CodingKey {
    case quota = "SendQuota"
    case isSending = "SendingEnabled"
    case isInProduction = "ProductionAccessEnabled"
    case enforcement = "EnforcementStatus"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    quota = try container.decode(Quota.self, forKey: .quota).value
    isSending = try container.decodeIfPresent(Bool.self, forKey: .isSending) ?? true
    isInProduction = try container.decodeIfPresent(Bool.self, forKey: .isInProduction) ?? true
    enforcement = try container.decodeIfPresent(String.self, forKey: .enforcement).map { errorText($0) }
  }
}

extension SESIdentity: Decodable {
  private struct MailFrom: Decodable {
    var domain: String?
    var status: String?

    enum CodingKeys: String, CodingKey {
      case domain = "MailFromDomain"
      case status = "MailFromDomainStatus"
    }
  }

  private enum CodingKeys: String, CodingKey {
    case isVerified = "VerifiedForSendingStatus"
    case dkim = "DkimAttributes"
    case mailFrom = "MailFromAttributes"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    isVerified = try container.decode(Bool.self, forKey: .isVerified)
    dkim = try container.decodeIfPresent(DKIM.self, forKey: .dkim)
    let mailFrom = try container.decodeIfPresent(MailFrom.self, forKey: .mailFrom)
    mailFromDomain = mailFrom?.domain
    mailFromStatus = mailFrom?.status
  }
}

extension SESIdentity.DKIM: Decodable {
  private enum CodingKeys: String, CodingKey {
    case isSigning = "SigningEnabled"
    case status = "Status"
    case tokens = "Tokens"
    case origin = "SigningAttributesOrigin"
    case zone = "SigningHostedZone"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    isSigning = try container.decodeIfPresent(Bool.self, forKey: .isSigning) ?? false
    status = try container.decodeIfPresent(String.self, forKey: .status)
    tokens = try container.decodeIfPresent([String].self, forKey: .tokens) ?? []
    isOwnKey = try container.decodeIfPresent(String.self, forKey: .origin) == "EXTERNAL"
    zone = try container.decodeIfPresent(String.self, forKey: .zone) ?? Self.standardZone
  }
}
