/// Fills in a template: follows it through an event and writes what it says, as Mustache has it.
///
/// Where Mustache shows a variable that is missing as nothing, this is an error, and so is a mail that grows too large.
struct TemplateWriter {
  /// Tags that one part of a mail may take.
  static let mostTags = 100_000
  /// Bytes that one part of a mail may have.
  static let mostBytes = 1_048_576

  private let language: TemplateLanguage
  private let partials: [String: TemplateSource]
  private let mayMiss: Bool
  private var file: String
  /// What sections and the event have put in reach, the innermost last.
  private var stack: [TemplateNode]
  /// What each line begins with that is not the first of its list of tags.
  private var indentation: [UInt8] = []
  private var written: [UInt8] = []
  private var tags = 0
  /// What was written before it was escaped.
  private var bytes = 0

  private init(_ source: TemplateSource, values: TemplateNode, partials: [String: TemplateSource], mayMiss: Bool) {
    language = source.language
    self.partials = partials
    self.mayMiss = mayMiss
    file = source.file
    stack = [values]
    written.reserveCapacity(Self.usualBytes)
  }

  /// Bytes that a part has room for before it is moved: few mails have more.
  private static let usualBytes = 16_384

  /// What the template says of `values`, in UTF-8. Throws at the first variable that is missing, and if it grows too large.
  ///
  /// - Parameter mayMiss: true to show what is missing as nothing.
  static func bytes(
    of source: TemplateSource, values: TemplateNode, partials: [String: TemplateSource], mayMiss: Bool = false
  ) throws(TemplateError) -> [UInt8] {
    var writer = TemplateWriter(source, values: values, partials: partials, mayMiss: mayMiss)
    try writer.follow(source.tags)
    guard writer.written.count <= mostBytes else {
      throw TemplateError(file: source.file, problem: "grows beyond \(mostBytes) bytes")
    }
    return writer.written
  }

  /// The same as characters.
  static func text(
    of source: TemplateSource, values: TemplateNode, partials: [String: TemplateSource], mayMiss: Bool = false
  ) throws(TemplateError) -> String {
    String(decoding: try bytes(of: source, values: values, partials: partials, mayMiss: mayMiss), as: UTF8.self)
  }

  private mutating func follow(_ list: [TemplateTag]) throws(TemplateError) {
    let start = written.count
    for tag in list {
      try count(tag)
      if indentation.isEmpty { try write(tag) } else { try writeIndented(tag, since: start) }
    }
  }

  private mutating func count(_ tag: TemplateTag) throws(TemplateError) {
    tags += 1
    if case .text(let text) = tag { bytes += text.count }
    guard tags <= Self.mostTags, bytes <= Self.mostBytes else {
      throw TemplateError(file: file, problem: "grows beyond \(Self.mostBytes) bytes or \(Self.mostTags) tags")
    }
  }

  private mutating func write(_ tag: TemplateTag) throws(TemplateError) {
    switch tag {
    case .text(let text): written += text
    case .variable(let name, let isEscaped): try show(name, isEscaped: isEscaped)
    case .section(let name, let isInverted, let inner): try enter(name, isInverted: isInverted, inner)
    case .partial(let name, let indentation):
      guard let source = partials[name.text] else { return }
      let outer = (file, self.indentation)
      file = source.file
      self.indentation += indentation
      try follow(source.tags)
      (file, self.indentation) = outer
    }
  }

  private mutating func show(_ name: TemplateName, isEscaped: Bool) throws(TemplateError) {
    let value = find(name)
    guard var shown = value?.shown else {
      if mayMiss { return }
      throw error(name, value)
    }
    bytes += shown.utf8.count
    shown.withUTF8 { language.write($0, isEscaped: isEscaped, to: &written) }
  }

  private func error(_ name: TemplateName, _ value: TemplateNode?) -> TemplateError {
    let problem =
      switch value {
      case .list: "is a list, which only a section can show"
      case .object, .fields: "has parts; name one of them"
      default: "the event does not carry it, and no section guards it"
      }
    return TemplateError(file: file, line: name.line, variable: name.text, problem: problem)
  }

  private mutating func enter(
    _ name: TemplateName, isInverted: Bool, _ inner: [TemplateTag]
  ) throws(TemplateError) {
    let value = find(name) ?? .nothing
    guard value.isTrue != isInverted else { return }
    switch value {
    case .bool, .nothing: try follow(inner)
    case .list(let elements) where !isInverted:
      for element in elements { try follow(inner, in: element) }
    case _ where isInverted: try follow(inner)
    default: try follow(inner, in: value)
    }
  }

  private mutating func follow(_ list: [TemplateTag], in value: TemplateNode) throws(TemplateError) {
    stack.append(value)
    try follow(list)
    stack.removeLast()
  }

  /// The value of that name: the first part in the innermost value that has it, the rest in what was found.
  private func find(_ name: TemplateName) -> TemplateNode? {
    guard let first = name.first else { return stack[stack.count - 1] }
    guard var value = name.isLocal ? stack[stack.count - 1].member(first) : innermost(first) else { return nil }
    for part in name.path.dropFirst() {
      guard let member = value.member(part) else { return nil }
      value = member
    }
    return value
  }

  private func innermost(_ key: TemplateKey) -> TemplateNode? {
    for place in stack.reversed() {
      if let value = place.member(key) { return value }
    }
    return nil
  }
}

// MARK: - Indentation

extension TemplateWriter {
  /// Writes the tag, behind the indentation if it shows something at the start of a line.
  private mutating func writeIndented(_ tag: TemplateTag, since start: Int) throws(TemplateError) {
    if case .text(let text) = tag { return writeLines(of: text, since: start) }
    let end = written.count
    indent(since: start)
    let indented = written.count
    try write(tag)
    if written.count == indented { written.removeLast(indented - end) }
  }

  private mutating func writeLines(of text: [UInt8], since start: Int) {
    var rest = text[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
      indent(since: start)
      written += rest[..<end]
      rest = rest[end...]
    }
  }

  /// - Parameter start: where the list of tags began: its first line has the indentation of its tag already.
  private mutating func indent(since start: Int) {
    let line = written[start...]
    let isLineStart = line.last == UInt8(ascii: "\n") && line.dropLast().last != UInt8(ascii: "\r")
    if isLineStart { written += indentation }
  }
}
