/// What the mail server is like for a while.
enum Weather: Hashable, Sendable {
  /// It works; some mails in a hundred meet a mishap.
  case fair(mishaps: Int)
  /// What it says to every mail.
  case all(Answer)
  /// Every connection is reset before anything is read.
  case resets
  /// Nobody listens.
  case down
}

/// What the double says to one mail, or does.
enum Answer: String, CaseIterable, Sendable {
  case taken
  // Too fast.
  case throttled429, throttled400, maximumRate
  // The account.
  case dailyQuota, limitExceeded, sendingPaused, accountSuspended, notVerified, mailFromNotVerified, noConfigurationSet
  case wrongSignature, unknownKey, accessDenied
  // The mail.
  case rejected, badRequest, invalidParameter, conflict
  // No answer worth the name, the mail not taken.
  case serverError, hang, lost, resetAfterReading
  // No answer worth the name, the mail taken.
  case takenServerError, takenHang, takenLost, takenReset, garbage, noMessageID, huge, stalledBody
  // An answer in an odd shape.
  case slowBody, hugeThrottle

  /// What a single mail may meet in fair weather, and how often in comparison.
  static let mishaps: [Answer] = [
    .throttled429, .throttled400, .maximumRate, .rejected, .badRequest, .invalidParameter, .conflict, .conflict,
    .serverError, .serverError, .lost, .lost, .resetAfterReading, .takenServerError, .takenServerError, .takenLost,
    .takenReset, .garbage, .noMessageID, .huge, .slowBody, .slowBody, .hugeThrottle,
  ]

  /// Those that let the client wait until it gives up.
  static let hanging: [Answer] = [.hang, .takenHang, .stalledBody]

  /// What every mail meets while the account is out of order.
  static let conditions: [Answer] = [
    .dailyQuota, .limitExceeded, .sendingPaused, .accountSuspended, .notVerified, .mailFromNotVerified,
    .noConfigurationSet, .wrongSignature, .unknownKey, .accessDenied,
  ]

  var verdict: Evidence.Verdict {
    switch self {
    case .taken, .slowBody: .taken
    case .takenServerError, .takenHang, .takenLost, .takenReset, .garbage, .noMessageID, .huge, .stalledBody:
      .takenInSilence
    case .serverError, .hang, .lost, .resetAfterReading: .droppedInSilence
    case .throttled429, .throttled400, .maximumRate, .hugeThrottle: .throttled
    case .dailyQuota, .limitExceeded, .sendingPaused, .accountSuspended, .notVerified, .mailFromNotVerified,
      .noConfigurationSet, .wrongSignature, .unknownKey, .accessDenied:
      .account
    case .rejected, .badRequest, .invalidParameter: .refused
    case .conflict: .later
    }
  }

  /// Status, error name and text, as AWS words them; nil if it is not as simple as that.
  var failure: (status: Int, name: String, text: String)? {
    switch self {
    case .throttled429: (429, "TooManyRequestsException", "Too many requests")
    case .throttled400: (400, "ThrottlingException", "Rate exceeded")
    case .maximumRate: (400, "Throttling", "Maximum sending rate exceeded.")
    case .dailyQuota: (400, "Throttling", "Daily message quota exceeded.")
    case .limitExceeded: (400, "LimitExceededException", "The sending limit of the account is reached")
    case .sendingPaused: (400, "SendingPausedException", "Sending is paused for this account")
    case .accountSuspended: (400, "AccountSuspendedException", "The account is suspended")
    case .notVerified:
      (400, "MessageRejected", "Email address is not verified. The following identities failed the check: shop")
    case .mailFromNotVerified: (400, "MailFromDomainNotVerifiedException", "The MAIL FROM domain is not verified")
    case .noConfigurationSet: (404, "NotFoundException", "Configuration set <main> does not exist")
    case .wrongSignature: (403, "SignatureDoesNotMatch", "The request signature we calculated does not match")
    case .unknownKey: (403, "InvalidClientTokenId", "The security token included in the request is invalid")
    case .accessDenied: (403, "AccessDeniedException", "User is not authorized to perform ses:SendRawEmail")
    case .rejected: (400, "MessageRejected", "Email contains a virus")
    case .badRequest: (400, "BadRequestException", "Invalid message content")
    case .invalidParameter: (400, "InvalidParameterValue", "Domain contains illegal character")
    case .conflict: (409, "ConflictException", "Being modified by another request")
    case .serverError, .takenServerError: (500, "InternalFailure", "Something went wrong")
    default: nil
    }
  }
}
