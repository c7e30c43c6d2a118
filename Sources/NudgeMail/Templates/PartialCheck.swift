/// Follows the partials of a template through the files.
struct PartialCheck {
  let partials: [String: TemplateSource]

  func check(_ source: TemplateSource) throws(TemplateError) {
    try check(source.tags, in: source.file, within: [source.file])
  }

  private func check(_ tags: [TemplateTag], in file: String, within files: Set<String>) throws(TemplateError) {
    for tag in tags {
      switch tag {
      case .text, .variable: break
      case .section(_, _, let inner): try check(inner, in: file, within: files)
      case .partial(let name, _):
        guard let source = partials[name.text] else {
          throw error(file, name, "there is no partial of that name")
        }
        guard !files.contains(source.file) else { throw error(file, name, "this partial contains itself") }
        try check(source.tags, in: source.file, within: files.union([source.file]))
      }
    }
  }

  private func error(_ file: String, _ name: TemplateName, _ problem: String) -> TemplateError {
    TemplateError(file: file, line: name.line, variable: name.text, problem: problem)
  }
}
