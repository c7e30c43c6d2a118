/// What a mail's part is written in; it decides how values are escaped.
enum TemplateLanguage: String, CaseIterable, Sendable {
  case text = "txt"
  case html

  /// Writes a value. HTML is escaped byte by byte: letter by letter, a quote would pass that a combining mark follows,
  /// which is enough to break out of an attribute.
  func write(_ value: UnsafeBufferPointer<UInt8>, isEscaped: Bool, to text: inout [UInt8]) {
    guard isEscaped, self == .html, value.contains(where: Self.isSpecial) else { return text.append(contentsOf: value) }
    for byte in value {
      switch byte {
      case UInt8(ascii: "&"): text += "&amp;".utf8
      case UInt8(ascii: "<"): text += "&lt;".utf8
      case UInt8(ascii: ">"): text += "&gt;".utf8
      case UInt8(ascii: "\""): text += "&quot;".utf8
      case UInt8(ascii: "'"): text += "&#39;".utf8
      default: text.append(byte)
      }
    }
  }

  private static func isSpecial(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
    default: false
    }
  }
}

/// One template file, read and understood.
struct TemplateSource: Sendable {
  /// Bytes in a template file.
  static let longest = 262_144

  let file: String
  let language: TemplateLanguage
  let tags: [TemplateTag]

  init(file: String, text: String, language: TemplateLanguage) throws(TemplateError) {
    guard text.utf8.count <= Self.longest else {
      throw TemplateError(file: file, problem: "is larger than \(Self.longest) bytes")
    }
    self.file = file
    self.language = language
    tags = try TemplateScanner.tags(of: text.replacing("\r\n", with: "\n"), file: file)
  }
}
