/// One tag of a template, with what belongs to it.
indirect enum TemplateTag: Sendable {
  case text([UInt8])
  case variable(TemplateName, isEscaped: Bool)
  case section(TemplateName, isInverted: Bool, [TemplateTag])
  /// - Parameter indentation: what its lines begin with, but for the first.
  case partial(TemplateName, indentation: [UInt8])
}

/// A name in a tag, and where it stands.
struct TemplateName: Hashable, Sendable {
  let text: String
  let line: Int
  /// `a.b` as `a`, `b`; none for `.`.
  let path: [String]

  init(text: String, line: Int) {
    self.text = text
    self.line = line
    path = text.split(separator: ".").map(String.init)
  }

  /// The name that is looked up; nil for `.`.
  var first: String? { path.first }

  /// True if it is looked up in the innermost value only: `.` and `.a`.
  var isLocal: Bool { text.first == "." }
}
