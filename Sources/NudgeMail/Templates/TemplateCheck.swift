/// Follows a template through an event before it is rendered: every variable it would show must be there.
///
/// It looks names up exactly as the rendering does, which shows a missing one as nothing and does not say so.
struct TemplateCheck {
  /// Tags that one mail may take.
  static let mostTags = 100_000
  /// Bytes that one part of a mail may have.
  static let mostBytes = 1_048_576

  private let partials: [String: TemplateSource]
  private var file: String
  private var stack: [TemplateNode]
  private var tags = 0
  private var bytes = 0

  private init(file: String, values: TemplateNode, partials: [String: TemplateSource]) {
    self.file = file
    self.partials = partials
    stack = [values]
  }

  /// Throws at the first variable that is missing, and if the mail would grow too large.
  static func check(
    _ source: TemplateSource, values: TemplateNode, partials: [String: TemplateSource]
  ) throws(TemplateError) {
    var check = TemplateCheck(file: source.file, values: values, partials: partials)
    try check.follow(source.tags)
  }

  private mutating func follow(_ list: [TemplateTag]) throws(TemplateError) {
    for tag in list {
      try count(tag)
      switch tag {
      case .text: break
      case .variable(let name): try show(name)
      case .section(let name, let isInverted, let inner): try enter(name, isInverted: isInverted, inner)
      case .partial(let name):
        guard let source = partials[name.text] else { continue }
        let outer = file
        file = source.file
        try follow(source.tags)
        file = outer
      }
    }
  }

  private mutating func count(_ tag: TemplateTag) throws(TemplateError) {
    tags += 1
    if case .text(let length) = tag { bytes += length }
    guard tags <= Self.mostTags, bytes <= Self.mostBytes else {
      throw TemplateError(file: file, problem: "grows beyond \(Self.mostBytes) bytes or \(Self.mostTags) tags")
    }
  }

  private mutating func show(_ name: TemplateName) throws(TemplateError) {
    let value = find(name)
    guard let shown = value?.shown else { throw error(name, value) }
    bytes += shown.utf8.count
  }

  private func error(_ name: TemplateName, _ value: TemplateNode?) -> TemplateError {
    let problem =
      switch value {
      case .list: "is a list, which only a section can show"
      case .object: "has parts; name one of them"
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
    let path = name.path
    guard let first = path.first else { return stack[stack.count - 1] }
    let places = name.isLocal ? stack.suffix(1) : stack[...]
    guard let start = places.reversed().lazy.compactMap({ $0.member(first) }).first else { return nil }
    return path.dropFirst().reduce(start) { $0?.member($1) }
  }
}
