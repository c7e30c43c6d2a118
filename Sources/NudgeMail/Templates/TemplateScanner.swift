/// Reads a Mustache template: its text and its tags, with the line they stand in.
///
/// It takes what a mail needs: variables, sections, inverted sections, comments and partials. What Mustache offers
/// beyond that (functions, inheritance, other delimiters, dynamic names) is refused, because it cannot be checked before
/// a mail is due. The line of a section's tag, a partial or a comment is left out if there is nothing else in it; what a
/// partial shows is then indented like its tag.
struct TemplateScanner {
  /// How deep sections may lie in each other.
  static let deepest = 32
  private static let nameText = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-".utf8)
  private static let opening = Array("{{".utf8)
  /// What ends the line of a tag that stands alone in it, the longest first.
  private static let lineEnds = ["\r\n", "\n", "\r", "\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}"]
    .map { Array($0.utf8) }

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
    return try scanner.tags(in: nil, isLineStart: true, depth: 0)
  }

  /// Reads up to the end of `section`, or of the file.
  ///
  /// - Parameter isLineStart: true if it begins with a line.
  private mutating func tags(
    in section: TemplateName?, isLineStart: Bool, depth: Int
  ) throws(TemplateError) -> [TemplateTag] {
    guard depth <= Self.deepest else { throw error(section, "lies in more than \(Self.deepest) sections") }
    var list = TagList(isLineStart: isLineStart)
    while let (kind, name) = try nextTag(into: &list) {
      let isAlone = kind.mayStandAlone && list.isLineStart && endLine()
      let blank = list.blank
      if kind == .partial || (!isAlone && kind != .comment) { list.writeBlank() }
      list.isLineStart = isAlone
      switch kind {
      case .variable, .unescaped: list.tags.append(.variable(name, isEscaped: kind == .variable))
      case .partial: list.tags.append(.partial(name, indentation: isAlone ? Array(blank) : []))
      case .comment: break
      case .section, .inverted:
        let inner = try tags(in: name, isLineStart: isAlone, depth: depth + 1)
        list.tags.append(.section(name, isInverted: kind == .inverted, inner))
      case .end:
        guard let section else { throw error(name, "is closed, but was never opened") }
        guard name.text == section.text else {
          throw error(name, "is closed where \(section.text), opened in line \(section.line), is to be closed")
        }
        return list.tags
      }
    }
    guard section == nil else { throw error(section, "is never closed") }
    return list.tags
  }

  private enum Kind {
    case variable, unescaped, section, inverted, end, partial, comment

    /// False for what shows something in the line itself.
    var mayStandAlone: Bool { self != .variable && self != .unescaped }
  }

  /// What was read of a section so far.
  private struct TagList {
    var tags: [TemplateTag] = []
    /// True if nothing but `blank` was read of the line.
    var isLineStart: Bool
    /// White space that may yet turn out to belong to a tag that stands alone.
    var blank: ArraySlice<UInt8> = []

    init(isLineStart: Bool) { self.isLineStart = isLineStart }

    mutating func writeBlank() { write([]) }

    /// Adds the white space that waits, and `text`.
    mutating func write(_ text: ArraySlice<UInt8>) {
      defer { blank = [] }
      guard !blank.isEmpty || !text.isEmpty else { return }
      guard case .text(let before) = tags.last else { return tags.append(.text(Array(blank + text))) }
      tags[tags.count - 1] = .text(before + blank + text)
    }
  }

  /// The next tag; the text before it is added to `list`. Nil at the end.
  private mutating func nextTag(into list: inout TagList) throws(TemplateError) -> (kind: Kind, name: TemplateName)? {
    while position < bytes.count {
      if list.isLineStart { list.blank = readBlank() }
      let start = position
      moveToTagOrLineEnd()
      if position < bytes.count, bytes[position] == UInt8(ascii: "\n") {
        (position, line) = (position + 1, line + 1)
        list.write(bytes[start..<position])
        list.isLineStart = true
        continue
      }
      if position > start {
        list.write(bytes[start..<position])
        list.isLineStart = false
      }
      if position < bytes.count { return try tag() }
    }
    return nil
  }

  private mutating func tag() throws(TemplateError) -> (kind: Kind, name: TemplateName) {
    let tagLine = line
    position += Self.opening.count
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
      UInt8(ascii: ">"): .partial, UInt8(ascii: "!"): .comment, UInt8(ascii: "&"): .unescaped,
      UInt8(ascii: "{"): .unescaped,
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

  private func error(_ name: TemplateName?, _ problem: String) -> TemplateError {
    TemplateError(file: file, line: name?.line, variable: name?.text, problem: problem)
  }
}

// MARK: - Moving on

extension TemplateScanner {
  /// Moves behind spaces and tabs, and answers them.
  private mutating func readBlank() -> ArraySlice<UInt8> {
    let start = position
    position = bytes[start...].firstIndex { !Self.isBlank($0) } ?? bytes.count
    return bytes[start..<position]
  }

  private mutating func moveToTagOrLineEnd() {
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n"), !bytes[position...].starts(with: Self.opening)
    {
      position += 1
    }
  }

  /// Moves to the next line, if there is nothing more than white space in this one.
  private mutating func endLine() -> Bool {
    guard position < bytes.count else { return true }
    let rest = bytes[position...].drop(while: Self.isBlank)
    guard let end = Self.lineEnds.first(where: rest.starts(with:)) else { return false }
    position = rest.startIndex + end.count
    if end.last == UInt8(ascii: "\n") { line += 1 }
    return true
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

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
