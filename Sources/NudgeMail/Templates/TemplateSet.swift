import Mustache
import NudgeDomain

/// The templates of one shop: for each kind of mail and each part of it the source that serves it.
///
/// The shop's own come first, that of the step before the general one; the built-in ones serve where a file is missing.
/// The same holds for partials, which lie in `partials/` as `NAME.txt` and `NAME.html`.
package struct TemplateSet: Sendable {
  package static let builtIn = TemplateSet()

  private let own: [String: [MailPart: TemplateSource]]
  private let partials: [TemplateLanguage: [String: TemplateSource]]
  private let libraries: [TemplateLanguage: MustacheLibrary]

  private init() {
    self.init(own: [:], partials: BuiltInTemplates.partials)
  }

  /// Reads the templates in `folder`. Nil: the built-in ones alone.
  package init(folder: String?) throws(TemplateError) {
    guard let folder else {
      self = .builtIn
      return
    }
    let read = try TemplateFolder(path: folder)
    let partials = BuiltInTemplates.partials.merging(read.partials) { $0.merging($1) { $1 } }
    self.init(own: read.sources, partials: partials)
    try checkPartials(among: read)
  }

  private init(own: [String: [MailPart: TemplateSource]], partials: [TemplateLanguage: [String: TemplateSource]]) {
    self.own = own
    self.partials = partials
    libraries = partials.mapValues { MustacheLibrary(templates: $0.mapValues(\.template)) }
  }

  /// Fills in the templates of one kind of mail. A variable that is missing is an error, before anything is written.
  func render(_ node: TemplateNode, as kind: Message.Kind) throws(TemplateError) -> Rendered {
    let subject = try render(.subject, as: kind, with: node).trimmed
    let titled = node.adding(.text(subject), named: "subject")
    return Rendered(
      subject: subject,
      text: try render(.text, as: kind, with: titled),
      html: try render(.html, as: kind, with: titled))
  }

  private func render(
    _ part: MailPart, as kind: Message.Kind, with values: TemplateNode
  ) throws(TemplateError) -> String {
    let source = source(part, for: kind)
    try TemplateCheck.check(source, values: values, partials: partials[part.language] ?? [:])
    let text = source.template.render(values, library: libraries[part.language])
    guard text.utf8.count <= TemplateCheck.mostBytes else {
      throw TemplateError(file: source.file, problem: "grows beyond \(TemplateCheck.mostBytes) bytes")
    }
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw TemplateError(file: source.file, problem: "shows nothing")
    }
    return text
  }

  private func source(_ part: MailPart, for kind: Message.Kind) -> TemplateSource {
    let folders =
      switch kind {
      case .reminder(let step): ["reminder-\(step)", "reminder"]
      case .order: ["order"]
      }
    return folders.lazy.compactMap { own[$0]?[part] }.first ?? BuiltInTemplates.source(part, for: kind)
  }

  /// Fills in every template with samples, so that a mistake in one is found before a mail needs it: a name that no
  /// event can carry, guarded or not, and whatever `render` refuses. Metadata counts as complete.
  package func check() throws(TemplateError) {
    let vocabulary = TemplateVocabulary([MailSample.full(.reminder(step: 1)), .full(.order)].map(\.values))
    for source in own.values.flatMap(\.values) + partials.values.flatMap(\.values) {
      try vocabulary.check(source)
    }
    let steps = own.keys.compactMap { Int($0.dropFirst("reminder-".count)) }
    for kind in (Set(steps + [1, 2, 3]).sorted().map { Message.Kind.reminder(step: $0) }) + [.order] {
      let values = TemplateNode(MailSample.full(kind).values)
      _ = try render(values.adding(.anything, named: TemplateVocabulary.open), as: kind)
    }
  }

  /// Every partial that is asked for is there, and none asks for itself, however indirectly.
  private func checkPartials(among read: TemplateFolder) throws(TemplateError) {
    for (part, source) in read.sources.values.flatMap({ $0 }) {
      try PartialCheck(partials: partials[part.language] ?? [:]).check(source)
    }
    for (language, sources) in partials {
      for source in sources.values { try PartialCheck(partials: partials[language] ?? [:]).check(source) }
    }
  }
}

extension String {
  /// Without white space at its ends.
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
