import Mustache

/// What a mail's part is written in; it decides how values are escaped.
enum TemplateLanguage: String, CaseIterable, Sendable {
  case text = "txt"
  case html

  /// The first line given to the rendering library: which characters are escaped in what follows.
  fileprivate var pragma: String {
    switch self {
    case .text: "{{% CONTENT_TYPE:TEXT}}\n"
    case .html: "{{% CONTENT_TYPE:\(HTMLText.name)}}\n"
    }
  }
}

/// One template file, read and understood.
struct TemplateSource: Sendable {
  /// Bytes in a template file.
  static let longest = 262_144

  let file: String
  let tags: [TemplateTag]
  let template: MustacheTemplate

  init(file: String, text: String, language: TemplateLanguage) throws(TemplateError) {
    guard text.utf8.count <= Self.longest else {
      throw TemplateError(file: file, problem: "is larger than \(Self.longest) bytes")
    }
    let text = text.replacing("\r\n", with: "\n")
    self.file = file
    tags = try TemplateScanner.tags(of: text, file: file)
    template = try Self.template(language.pragma + text, file: file)
  }

  private static func template(_ text: String, file: String) throws(TemplateError) -> MustacheTemplate {
    HTMLText.register
    do {
      return try MustacheTemplate(string: text)
    } catch let error as MustacheTemplate.ParserError {
      let line = error.context.lineNumber - 1  // the pragma's
      throw TemplateError(file: file, line: line, problem: "cannot be read: \(error.error)")
    } catch {
      throw TemplateError(file: file, problem: "cannot be read: \(error)")
    }
  }
}

/// HTML, escaped byte by byte. The rendering library does it letter by letter and so lets a quote pass that a
/// combining mark follows: enough to break out of an attribute.
struct HTMLText: MustacheContentType {
  static let name = "NUDGED-HTML"
  /// Makes the name known to the rendering library, once.
  static let register: Void = MustacheContentTypes.register(HTMLText(), named: name)

  func escapeText(_ text: String) -> String {
    var escaped: [UInt8] = []
    escaped.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): escaped += "&amp;".utf8
      case UInt8(ascii: "<"): escaped += "&lt;".utf8
      case UInt8(ascii: ">"): escaped += "&gt;".utf8
      case UInt8(ascii: "\""): escaped += "&quot;".utf8
      case UInt8(ascii: "'"): escaped += "&#39;".utf8
      default: escaped.append(byte)
      }
    }
    return String(decoding: escaped, as: UTF8.self)
  }
}
