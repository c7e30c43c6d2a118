/// Reads the tags of a Mustache template, so that they can be checked with the line they stand in.
///
/// It takes what a mail needs: variables, sections, inverted sections, comments and partials. What the rendering
/// library offers beyond that (functions, inheritance, other delimiters, dynamic names) is refused, because it cannot
/// be checked before a mail is due.
struct TemplateScanner {
  /// How deep sections may lie in each other.
  static let deepest = 32
  private static let nameText = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-".utf8)

  private let file: String
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  private init(file: String, source: String) {
    self.file = file
    bytes = Array(source.utf8)
  }

  static func tags(of source: String, file: String) throws(TemplateError) -> [TemplateTag] {
    var scanner = TemplateScanner(file: file, source: source)
    return try scanner.tags(in: nil, depth: 0)
  }

  /// Reads up to the end of `section`, or of the file.
  private mutating func tags(in section: TemplateName?, depth: Int) throws(TemplateError) -> [TemplateTag] {
    guard depth <= Self.deepest else { throw error(section, "lies in more than \(Self.deepest) sections") }
    var tags: [TemplateTag] = []
    while let tag = try nextTag(into: &tags) {
      switch tag.kind {
      case .variable: tags.append(.variable(tag.name))
      case .partial: tags.append(.partial(tag.name))
      case .comment: break
      case .section, .inverted:
        let inner = try self.tags(in: tag.name, depth: depth + 1)
        tags.append(.section(tag.name, isInverted: tag.kind == .inverted, inner))
      case .end:
        guard let section else { throw error(tag.name, "is closed, but was never opened") }
        guard tag.name.text == section.text else {
          throw error(tag.name, "is closed where \(section.text), opened in line \(section.line), is to be closed")
        }
        return tags
      }
    }
    guard section == nil else { throw error(section, "is never closed") }
    return tags
  }

  private enum Kind {
    case variable, section, inverted, end, partial, comment
  }

  /// The next tag; the text before it is added to `tags`. Nil at the end.
  private mutating func nextTag(into tags: inout [TemplateTag]) throws(TemplateError) -> (
    kind: Kind, name: TemplateName
  )? {
    let start = position
    let text = advance(to: "{{")
    tags.append(.text(bytes: (text ?? bytes.count) - start))
    guard text != nil else { return nil }
    let tagLine = line
    let (kind, isTriple) = try self.kind(at: tagLine)
    let contentStart = position
    guard let contentEnd = advance(to: isTriple ? "}}}" : "}}") else {
      throw TemplateError(file: file, line: tagLine, problem: "a tag is not closed")
    }
    let content = String(decoding: bytes[contentStart..<contentEnd], as: UTF8.self)
    guard kind != .comment else { return (.comment, TemplateName(text: "", line: tagLine)) }
    return (kind, try name(in: content, isPartial: kind == .partial, line: tagLine))
  }

  private mutating func kind(at line: Int) throws(TemplateError) -> (kind: Kind, isTriple: Bool) {
    let kinds: [UInt8: Kind] = [
      UInt8(ascii: "#"): .section, UInt8(ascii: "^"): .inverted, UInt8(ascii: "/"): .end,
      UInt8(ascii: ">"): .partial, UInt8(ascii: "!"): .comment, UInt8(ascii: "&"): .variable,
      UInt8(ascii: "{"): .variable,
    ]
    guard position < bytes.count else { return (.variable, false) }
    let sigil = bytes[position]
    if "=<$%*".utf8.contains(sigil) {
      let tag = Character(Unicode.Scalar(sigil))
      throw TemplateError(file: file, line: line, problem: "tags that begin with {{\(tag) are not supported")
    }
    guard let kind = kinds[sigil] else { return (.variable, false) }
    position += 1
    return (kind, sigil == UInt8(ascii: "{"))
  }

  private func name(in content: String, isPartial: Bool, line: Int) throws(TemplateError) -> TemplateName {
    let text = String(content.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    let isDot = text == "." && !isPartial
    let names = (text.first == "." && !isPartial ? text.dropFirst() : text[...])
      .split(separator: ".", omittingEmptySubsequences: false)
    let areNames = names.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(Self.nameText.contains) }
    guard isDot || (areNames && (!isPartial || names.count == 1)) else {
      throw TemplateError(file: file, line: line, variable: text, problem: "is no name of letters, digits, - and _")
    }
    return TemplateName(text: text, line: line)
  }

  /// Moves behind the next `mark` and counts the lines; returns where it begins. At the end of the file if there is none.
  private mutating func advance(to mark: String) -> Int? {
    let mark = Array(mark.utf8)
    while position < bytes.count {
      if bytes[position...].starts(with: mark) {
        position += mark.count
        return position - mark.count
      }
      if bytes[position] == UInt8(ascii: "\n") { line += 1 }
      position += 1
    }
    return nil
  }

  private func error(_ name: TemplateName?, _ problem: String) -> TemplateError {
    TemplateError(file: file, line: name?.line, variable: name?.text, problem: problem)
  }
}
