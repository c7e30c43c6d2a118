import Yams

extension ConfigurationError.Issue {
  /// What keeps a file from being YAML at all.
  init(file: String, _ error: any Error) {
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let text = [context?.text, problem].compactMap { $0 }.joined(separator: " ")
      self.init(file: file, line: mark.line, message: "is not YAML: \(text)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      let keys = duplicates.sorted().joined(separator: ", ")
      self.init(file: file, line: context.mark.line, key: keys, message: "stands twice in one section; write it once")
    case .reader(let problem, _, _, _):
      self.init(file: file, message: "is not YAML: \(problem)")
    default:
      self.init(file: file, message: "is not YAML: \(error)")
    }
  }
}

extension [ConfigurationError.Issue] {
  /// As the reader of the file meets them; those without a line come last.
  var inOrderOfLines: [ConfigurationError.Issue] {
    enumerated().sorted { left, right in
      (left.element.line ?? .max, left.offset) < (right.element.line ?? .max, right.offset)
    }.map(\.element)
  }
}
