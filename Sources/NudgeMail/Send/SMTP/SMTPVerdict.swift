import NudgeDomain

/// A step of the conversation that a server may object to.
enum SMTPStep: String, Hashable, Sendable {
  case greeting
  case hello = "EHLO"
  case lmtpHello = "LHLO"
  case encryption = "STARTTLS"
  case mail = "MAIL FROM"
  case recipient = "RCPT TO"
  case data = "DATA"
  /// The mail itself.
  case content = "the mail"
}

extension SMTPReply {
  /// What an unwanted reply means for the letter.
  ///
  /// What every letter would meet holds the sender, so that no letter is used up by it. What the letters of one shop
  /// would meet costs each an attempt, but is no end: a person can mend the shop's address.
  func objection(at step: SMTPStep) -> Delivery {
    let error = errorText("\(step.rawValue): \(text)")
    return switch subject(at: step) {
    case .server: .deferred(.sender, error: error)
    case .pace: .deferred(.throttled, error: error)
    case .senderAddress: .deferred(.message, error: error)
    case .letter: isFinal ? .refused(error: error) : .deferred(.message, error: error)
    }
  }

  /// True if the letter will never be taken. 503 says that we are out of step, which is no word on the letter.
  private var isFinal: Bool { code / 100 == 5 && code != 503 && !isMailboxFull }

  /// The server's name for a mail that it took, if it told one.
  var queueID: String? {
    let text = lines.joined(separator: " ")
    let patterns = [
      /(?i)queued as ([A-Za-z0-9._-]+)/, /\bid=([A-Za-z0-9._-]+)/, /([A-Za-z0-9._-]+) (?i)message accepted/,
      /(?i)^2\.0\.0 ([A-Za-z0-9._-]+) Saved/, /(?i)^2\.0\.0 <[^ >]*> ([A-Za-z0-9._+\/:-]+) Saved/,
    ]
    return patterns.lazy.compactMap { text.firstMatch(of: $0) }.first.map { errorText($0.1) }
  }
}
