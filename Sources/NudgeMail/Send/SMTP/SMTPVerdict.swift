import NudgeDomain

/// A step of the conversation that a server may object to.
enum SMTPStep: String, Hashable, Sendable {
  case greeting
  case hello = "EHLO"
  case mail = "MAIL FROM"
  case recipient = "RCPT TO"
  case data = "DATA"
  /// The mail itself.
  case content = "the mail"
}

extension SMTPReply {
  /// What an unwanted reply means for the letter.
  ///
  /// What every letter would meet holds the sender, so that no letter is used up by it: a server that is closing or full,
  /// one that does not know us, does not like the sender's address, or relays nothing for us.
  func objection(at step: SMTPStep) -> Delivery {
    let error = errorText("\(step.rawValue): \(text)")
    if concernsServer || concernsAccess { return .deferred(.sender, error: error) }
    return switch step {
    case .greeting, .hello: .deferred(.sender, error: error)
    case .mail: isTooLarge ? .refused(error: error) : .deferred(.sender, error: error)
    case .recipient, .data, .content: isFinal(at: step) ? .refused(error: error) : .deferred(.message, error: error)
    }
  }

  /// 421 and the codes for a full, an overloaded or a closing system.
  private var concernsServer: Bool {
    if code == 421 { return true }
    guard code / 100 == 4 else { return false }
    if let enhancedCode { return enhancedCode.subject == 3 && [1, 2, 5].contains(enhancedCode.detail) }
    return code == 452
  }

  /// The server wants to know us better than we can help, or passes no mail on for us.
  private var concernsAccess: Bool {
    [530, 534, 535, 538].contains(code) || (code / 100 == 5 && says("relay"))
  }

  /// 552 says "too large" of a mail, and "full" of a mailbox.
  private var isTooLarge: Bool {
    if let enhancedCode { return enhancedCode.kind == 5 && enhancedCode.subject == 3 && enhancedCode.detail == 4 }
    return code == 552
  }

  private func isFinal(at step: SMTPStep) -> Bool {
    guard code / 100 == 5, code != 503 else { return false }  // 503: out of step with us, no word on the letter
    let isMailboxFull = enhancedCode.map { $0.subject == 2 && $0.detail == 2 } ?? (code == 552 && step == .recipient)
    return !isMailboxFull
  }

  /// The server's name for a mail that it took, if it told one.
  var queueID: String? {
    let text = lines.joined(separator: " ")
    let patterns = [
      /(?i)queued as ([A-Za-z0-9._-]+)/, /\bid=([A-Za-z0-9._-]+)/, /([A-Za-z0-9._-]+) (?i)message accepted/,
    ]
    return patterns.lazy.compactMap { text.firstMatch(of: $0) }.first.map { errorText($0.1) }
  }
}
