import NudgeDomain

/// The names that some event can carry. A template that asks for another has a typing mistake in it, guarded or not.
struct TemplateVocabulary {
  /// Where the shop's own names are; anything may be in there.
  static let open = "metadata"
  /// Known once it is clear which template serves.
  private static let always: Set = [
    open, "subject", "language", "direction", "is_rtl", "item_list", "shown_item_list",
  ]

  private let names: Set<String>

  init(_ samples: [TemplateValue]) {
    names = samples.reduce(into: Self.always) { $0.formUnion(Self.names(in: $1)) }
  }

  func check(_ source: TemplateSource) throws(TemplateError) {
    try check(source.tags, file: source.file)
  }

  private func check(_ tags: [TemplateTag], file: String) throws(TemplateError) {
    for tag in tags {
      switch tag {
      case .text, .partial: break
      case .variable(let name, _): try check(name, file: file)
      case .section(let name, _, let inner):
        try check(name, file: file)
        if name.first != Self.open { try check(inner, file: file) }
      }
    }
  }

  private func check(_ name: TemplateName, file: String) throws(TemplateError) {
    guard let first = name.first, !names.contains(first) else { return }
    throw TemplateError(file: file, line: name.line, variable: name.text, problem: "no event carries it")
  }

  private static func names(in value: TemplateValue) -> Set<String> {
    switch value {
    case .object(let members):
      members.reduce(into: Set(members.map(\.name))) { names, member in
        if member.name != open { names.formUnion(Self.names(in: member.value)) }
      }
    case .array(let elements): elements.reduce(into: []) { $0.formUnion(Self.names(in: $1)) }
    default: []
    }
  }
}
