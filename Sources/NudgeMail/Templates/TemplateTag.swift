/// One tag of a template, with what belongs to it.
indirect enum TemplateTag: Sendable {
  /// Text of that many bytes.
  case text(bytes: Int)
  case variable(TemplateName)
  case section(TemplateName, isInverted: Bool, [TemplateTag])
  case partial(TemplateName)
}

/// A name in a tag, and where it stands.
struct TemplateName: Hashable, Sendable {
  let text: String
  let line: Int

  /// `a.b` as `a`, `b`; none for `.`.
  var path: [Substring] { text.split(separator: ".") }

  /// The name that is looked up; nil for `.`.
  var first: String? { path.first.map(String.init) }

  /// True if it is looked up in the innermost value only: `.` and `.a`.
  var isLocal: Bool { text.first == "." }
}
