/// What is wrong with a template, or with a template and the event that it was to show.
package struct TemplateError: Error, Hashable, Sendable {
  /// The path of the file; `built-in:…` for a built-in template.
  package var file: String
  /// From 1; nil if the file as a whole is meant.
  package var line: Int?
  /// The name in the tag, if the fault is in a tag with a name.
  package var variable: String?
  package var problem: String

  package init(file: String, line: Int? = nil, variable: String? = nil, problem: String) {
    self.file = file
    self.line = line
    self.variable = variable
    self.problem = problem
  }
}

extension TemplateError: CustomStringConvertible {
  package var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return variable.map { "\(place): \($0): \(problem)" } ?? "\(place): \(problem)"
  }
}
