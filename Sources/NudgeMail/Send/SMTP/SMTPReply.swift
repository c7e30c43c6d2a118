/// What an SMTP server said to one command.
struct SMTPReply: Hashable, Sendable {
  /// Three digits; the first one says what became of the command: 2 done, 3 go on, 4 not now, 5 no.
  var code: Int
  /// The text of each line.
  var lines: [String]

  var isPositive: Bool { code / 100 == 2 }

  /// The enhanced status code that the text begins with, `5.7.1` say; nil if there is none.
  var enhancedCode: EnhancedCode? { lines.first.flatMap { EnhancedCode($0) } }

  /// The reply as it is shown, enhanced status code and all.
  var text: String { errorText("\(code) " + lines.joined(separator: " ")) }
}

/// RFC 3463: class, subject, detail.
struct EnhancedCode: Hashable, Sendable {
  var kind: Int
  var subject: Int
  var detail: Int

  init?(_ text: String) {
    let parts = text.prefix { !$0.isWhitespace }.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let kind = Int(parts[0]), let subject = Int(parts[1]), let detail = Int(parts[2]),
      [2, 4, 5].contains(kind), (0...999).contains(subject), (0...999).contains(detail)
    else { return nil }
    self.kind = kind
    self.subject = subject
    self.detail = detail
  }
}

/// Puts replies together from the bytes that come in.
struct SMTPReplyParser: Sendable {
  enum Failure: Error, Hashable {
    case lineTooLong
    case tooManyLines
    case notAReply(String)
  }

  /// RFC 5321 allows 512 bytes for a line, servers write more.
  static let longestLine = 4 * 1_024
  static let mostLines = 128

  private var line: [UInt8] = []
  private var lines: [String] = []
  private var code: Int?

  /// Takes the next byte; returns the reply that it completes.
  mutating func take(_ byte: UInt8) throws(Failure) -> SMTPReply? {
    guard byte == UInt8(ascii: "\n") else {
      line.append(byte)
      if line.count > Self.longestLine { throw .lineTooLong }
      return nil
    }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    defer { line = [] }
    return try take(line: line)
  }

  private mutating func take(line: [UInt8]) throws(Failure) -> SMTPReply? {
    let digits = line.prefix(3)
    let isCode = digits.count == 3 && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let separator = line.dropFirst(3).first ?? UInt8(ascii: " ")
    guard isCode, separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-"),
      let number = Int(String(decoding: digits, as: UTF8.self)), (200..<600).contains(number),
      code == nil || code == number
    else { throw .notAReply(errorText(String(decoding: line, as: UTF8.self))) }
    code = number
    lines.append(String(decoding: line.dropFirst(4), as: UTF8.self))
    if lines.count > Self.mostLines { throw .tooManyLines }
    guard separator == UInt8(ascii: " ") else { return nil }
    defer { (code, lines) = (nil, []) }
    return SMTPReply(code: number, lines: lines)
  }
}
