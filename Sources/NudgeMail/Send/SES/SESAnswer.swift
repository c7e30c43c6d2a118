import Foundation
import NudgeDomain

/// What SES said to a letter.
struct SESAnswer: Hashable, Sendable {
  var status: Int
  /// The header `x-amzn-ErrorType`, if there was one.
  var errorType: String?
  /// Nil if it was too long to be an answer of SES.
  var body: [UInt8]?

  /// What the answer means.
  var delivery: Delivery {
    switch status {
    case 200..<300: success
    case 400..<500: failure
    case 301, 302, 307, 308: .deferred(.sender, error: describe("the endpoint answers from elsewhere"))
    default: .unknown(error: describe(""))
    }
  }

  private var success: Delivery {
    guard body != nil else { return .unknown(error: describe("the answer is too long")) }
    guard let id = plainID ?? fields?.messageID, !id.isEmpty else {
      return .unknown(error: describe("no MessageId in the answer"))
    }
    return .accepted(providerID: errorText(id))
  }

  /// The id in an answer that says no more, as those of SES do: to decode it as JSON takes fifty times as long. Nil if the
  /// answer is any other.
  private var plainID: String? {
    let (start, end) = (#"{"MessageId":""#.utf8, #""}"#.utf8)
    guard let body, body.starts(with: start), body.count > start.count + end.count,
      body.suffix(end.count).elementsEqual(end)
    else { return nil }
    let id = body[start.count..<body.count - end.count]
    return id.allSatisfy(Self.isPlain) ? String(decoding: id, as: UTF8.self) : nil
  }

  /// Stands for itself in JSON, and in a line of text.
  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  /// The meaning of an answer that says: not done, and the request was why.
  private var failure: Delivery {
    let error = describe("")
    if isAboutQuota { return .deferred(.sender, error: error) }
    if Self.throttling.contains(name) { return .deferred(.throttled, error: error) }
    if isAboutKeys || Self.account.contains(name) || isAboutAccount { return .deferred(.sender, error: error) }
    if Self.refusals.contains(name) { return .refused(error: error) }
    return switch status {
    case 429: .deferred(.throttled, error: error)
    case 413: .refused(error: error)
    case 401, 403, 404, 405, 406, 407, 415: .deferred(.sender, error: error)
    default: .deferred(.message, error: error)
    }
  }

  // Names of errors, without the "Exception" that some of them end in.
  private static let throttling: Set = ["TooManyRequests", "Throttling", "RequestLimitExceeded"]
  private static let quota: Set = ["LimitExceeded"]
  private static let keys: Set = [
    "ExpiredToken", "InvalidToken", "InvalidClientTokenId", "UnrecognizedClient", "InvalidAccessKeyId", "AuthFailure",
    "SignatureDoesNotMatch", "InvalidSignature",
  ]
  private static let account: Set = [
    "SendingPaused", "AccountSendingPaused", "ConfigurationSetSendingPaused", "AccountSuspended",
    "MailFromDomainNotVerified", "FromEmailAddressNotVerified", "NotFound", "ConfigurationSetDoesNotExist",
    "AccessDenied", "NotAuthorized", "OptInRequired", "IncompleteSignature", "MissingAuthenticationToken",
    "RequestExpired", "RequestTimeTooSkewed", "UnknownOperation",
  ]
  private static let refusals: Set = [
    "MessageRejected", "BadRequest", "InvalidParameterValue", "Validation", "ValidationError",
  ]

  private var isAboutQuota: Bool { Self.quota.contains(name) || says("daily message quota exceeded") }

  /// SES also rejects a message for what is wrong with the account, and says so in words only. The last of them are
  /// those of the servers that stand in for SES in tests.
  private var isAboutAccount: Bool {
    guard Self.refusals.contains(name) else { return false }
    return says("not verified") || says("sending suspended") || says("sending paused") || says("account is paused")
      || says("authority to send")
  }

  private func says(_ words: String) -> Bool { message.lowercased().contains(words) }

  /// The error's name without what comes around it: `aws.ses#MessageRejected:http://…`.
  private var name: String {
    let written = errorType ?? fields?.type ?? fields?.code ?? ""
    let unqualified = written.prefix { $0 != ":" }.split(separator: "#").last ?? ""
    let suffix = "Exception"
    return unqualified.hasSuffix(suffix) ? String(unqualified.dropLast(suffix.count)) : String(unqualified)
  }

  private var message: String { fields?.message ?? "" }

  /// True if other keys may be the answer: these have ended, or are no keys any more.
  var isAboutKeys: Bool { (400..<500).contains(status) && Self.keys.contains(name) }

  /// True if what was asked for is not there.
  var isMissing: Bool { status == 404 && name == "NotFound" }

  /// The answer in one short line, with `problem` if there is more to say.
  func describe(_ problem: String) -> String {
    let said = [name, message].filter { !$0.isEmpty }.joined(separator: ": ")
    return errorText(["SES \(status)", said, problem].filter { !$0.isEmpty }.joined(separator: ", "))
  }

  private var fields: Fields? {
    body.flatMap { (try? JSONDecoder().decode(Fields.self, from: Data($0))) ?? Fields(xml: $0) }
  }
}

/// The members that an answer of SES may have, each taken only if it is text.
private struct Fields: Decodable {
  var messageID: String?
  var type: String?
  var code: String?
  var message: String?

  private enum CodingKeys: String, CodingKey {
    case messageID = "MessageId"
    case type = "__type"
    case code
    case message
    case capitalMessage = "Message"
  }

  /// Some that speak for AWS answer in XML when they do not let a request in. Nil if it is no such answer.
  init?(xml: [UInt8]) {
    let text = String(decoding: xml, as: UTF8.self)
    guard let code = XMLText.element("Code", in: text) else { return nil }
    self.code = code
    message = XMLText.element("Message", in: text)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func text(_ key: CodingKeys) -> String? { try? container.decodeIfPresent(String.self, forKey: key) }
    messageID = text(.messageID)
    type = text(.type)
    code = text(.code)
    message = text(.message) ?? text(.capitalMessage)
  }
}
