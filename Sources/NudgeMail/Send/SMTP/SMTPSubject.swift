/// Whom an unwanted reply is about.
enum SMTPSubject: Hashable, Sendable {
  /// The server, the way to it, or what it thinks of us: every letter would meet that.
  case server
  /// How fast we are.
  case pace
  /// The address of the envelope's sender: every letter of one shop would meet that.
  case senderAddress
  case letter
}

extension SMTPReply {
  /// Codes alone tell too little: 550 and 5.7.1 stand for everything. So the enhanced status code comes first, then the
  /// words that mail servers use, then the code and the step.
  func subject(at step: SMTPStep) -> SMTPSubject {
    let words = wordsWithoutAddresses
    if code == 421 { return isAboutPace(words) ? .pace : .server }
    switch step {
    case .greeting, .hello, .lmtpHello, .encryption: return .server
    case .mail, .recipient, .data, .content: break
    }
    if isAboutPace(words) { return .pace }
    if isAboutServer || isAboutUs(words) { return .server }
    if isAboutSenderAddress(words, at: step) { return .senderAddress }
    return step == .mail && !isTooLarge ? .server : .letter
  }

  /// The envelope's addresses are repeated in many replies, and what customers have in theirs decides nothing.
  private var wordsWithoutAddresses: String {
    lines.joined(separator: " ").lowercased().replacing(/<[^>]*>/, with: "<>")
      .replacing("relay recipient table", with: "recipient table")  // where Postfix missed a recipient
      .split(separator: " ").filter { !$0.contains("@") }.joined(separator: " ")
  }

  private func isAboutPace(_ words: String) -> Bool {
    guard code / 100 == 4, enhancedCode?.subject != EnhancedCode.mailbox else { return false }
    let signs = ["maximum sending rate", "rate limit", "rate exceeded", "too much mail", "sending too fast"]
    return signs.contains { words.contains($0) }
  }

  /// A system that is full, overloaded, closing or set up in a wrong way.
  private var isAboutServer: Bool {
    if let enhancedCode {
      return enhancedCode.subject == EnhancedCode.system && [1, 2, 5].contains(enhancedCode.detail)
    }
    return code == 452
  }

  /// The server wants to know us better than it does, or passes no mail on for us.
  private func isAboutUs(_ words: String) -> Bool {
    if [523, 524, 530, 534, 535, 538].contains(code) { return true }
    if code == 503, words.contains("auth") { return true }
    guard let enhancedCode else { return says(Self.signsOfUs, in: words) }
    switch enhancedCode.subject {
    // Login and encryption: 8 to 14. A name for our address: 25.
    case EnhancedCode.policy where (8...14).contains(enhancedCode.detail) || enhancedCode.detail == 25: return true
    case EnhancedCode.mailbox: return false
    // Of an address, but meant is the account: Exchange Online.
    case EnhancedCode.address: return words.contains("outbound sender")
    default: return says(Self.signsOfUs, in: words)
    }
  }

  private static let signsOfUs = [
    "relay", "client host", "helo command rejected", "blocked using", "not logged in", "authentication required",
    "must authenticate", "not authenticated", "is not verified", "sending paused", "sending suspended",
    "sending quota", "sending limit", "message quota",
  ]

  private func isAboutSenderAddress(_ words: String, at step: SMTPStep) -> Bool {
    if let enhancedCode {
      let pair = (enhancedCode.subject, enhancedCode.detail)
      switch pair {
      // The address is no good, or nobody could answer to it.
      case (EnhancedCode.address, 7), (EnhancedCode.address, 8), (EnhancedCode.policy, 27): return true
      // DKIM, SPF, DMARC; permission to send as.
      case (EnhancedCode.policy, 20...24), (EnhancedCode.policy, 26), (EnhancedCode.policy, 60): return true
      default: break
      }
    }
    if words.contains("sender address rejected") || words.contains("sender domain") { return true }
    // What else than the address could be wrong with the command? Its parameters: subject 5.
    return step == .mail && [501, 553].contains(code) && enhancedCode?.subject != EnhancedCode.delivery
  }

  private func says(_ signs: [String], in words: String) -> Bool { signs.contains { words.contains($0) } }

  /// 552 says "too large" of a mail, and "full" of a mailbox.
  private var isTooLarge: Bool {
    if let enhancedCode { return enhancedCode.kind == 5 && enhancedCode.subject == 3 && enhancedCode.detail == 4 }
    return code == 552
  }

  var isMailboxFull: Bool {
    if let enhancedCode { return enhancedCode.subject == EnhancedCode.mailbox && enhancedCode.detail == 2 }
    return code == 552 && !isAboutSize
  }

  private var isAboutSize: Bool {
    let words = wordsWithoutAddresses
    return ["large", "size", "big"].contains { words.contains($0) }
  }
}

extension EnhancedCode {
  // Subjects of RFC 3463.
  static let address = 1
  static let mailbox = 2
  static let system = 3
  static let delivery = 5
  static let policy = 7
}
