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
  let path: [TemplateKey]
  /// True if it is looked up in the innermost value only: `.` and `.a`.
  let isLocal: Bool

  init(text: String, line: Int) {
    self.text = text
    self.line = line
    path = text.split(separator: ".").map { TemplateKey(String($0)) }
    isLocal = text.first == "."
  }

  /// What is looked up; nil for `.`.
  var first: TemplateKey? { path.first }
}

/// One part of a name.
struct TemplateKey: Hashable, Sendable {
  let text: String
  /// Nil if only a shop can give that name to something.
  let variable: MailVariable?

  init(_ text: String) {
    self.text = text
    variable = MailVariable(rawValue: text)
  }
}
