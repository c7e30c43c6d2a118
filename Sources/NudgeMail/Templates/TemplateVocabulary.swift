/// The names that some event can carry. A template that asks for another has a typing mistake in it, guarded or not.
enum TemplateVocabulary {
  /// Where the shop's own names are; anything may be in there.
  private static let open = MailVariable.metadata

  static func check(_ source: TemplateSource) throws(TemplateError) {
    try check(source.tags, file: source.file)
  }

  private static func check(_ tags: [TemplateTag], file: String) throws(TemplateError) {
    for tag in tags {
      switch tag {
      case .text, .partial: break
      case .variable(let name, _): try check(name, file: file)
      case .section(let name, _, let inner):
        try check(name, file: file)
        if name.first?.variable != open { try check(inner, file: file) }
      }
    }
  }

  private static func check(_ name: TemplateName, file: String) throws(TemplateError) {
    guard let first = name.first, first.variable == nil else { return }
    throw TemplateError(file: file, line: name.line, variable: name.text, problem: "no event carries it")
  }
}
