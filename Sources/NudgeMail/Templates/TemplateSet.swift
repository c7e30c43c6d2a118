import NudgeDomain

/// The templates of one shop: for each kind of mail, each part of it and each locale the source that serves it.
///
/// A file is looked for in the folder of the event's locale, then in those of its shorter forms; in the same way for the
/// shop's locale; then in the folder itself; then it is the built-in one. In each of these the step's folder comes before
/// the general one. What a file says through partials is in the file's own language.
package struct TemplateSet: Sendable {
  package static let builtIn = TemplateSet(folders: [:], locale: nil)

  /// By tag, in lower case; under the empty name what is for no locale.
  private let folders: [String: TemplateFolder]
  private let locale: String?
  private let scopes: TemplateScopes

  /// Reads the templates in `folder`. Nil: the built-in ones alone.
  ///
  /// - Parameter locale: for events that say none or one that there are no templates for.
  package init(folder: String?, locale: String? = nil) throws(TemplateError) {
    self.init(folders: try folder.map(TemplateFolder.read) ?? [:], locale: locale)
    try checkPartials()
  }

  private init(folders: [String: TemplateFolder], locale: String?) {
    self.folders = folders
    self.locale = locale
    scopes = TemplateScopes(partials: folders.mapValues(\.partials), locale: locale)
  }

  /// Fills in the templates of one kind of mail. A variable that is missing is an error, before anything is written.
  func render(_ request: MailRequest) throws(TemplateError) -> Rendered {
    try render(MailVariables(request), as: request.kind, in: request.cart.locale)
  }

  private func render(
    _ variables: MailVariables, as kind: Message.Kind, in locale: String?, metadata: TemplateNode? = nil
  ) throws(TemplateError) -> Rendered {
    var values = TemplateNode(variables.value)
    if let metadata { values = values.adding([TemplateVocabulary.open: metadata]) }
    let subject = try serving(.subject, for: kind, in: locale).render(values, variables).withoutSpaceAround
    values = values.adding(["subject": .text(subject)])
    return Rendered(
      subject: subject,
      text: try serving(.text, for: kind, in: locale).render(values, variables),
      html: try serving(.html, for: kind, in: locale).render(values, variables))
  }

  private func serving(_ part: MailPart, for kind: Message.Kind, in locale: String?) -> ServingTemplate {
    let version = BuiltInTemplates.Version(kind)
    let tags = LocaleTag.chain(locale ?? "") + LocaleTag.chain(self.locale ?? "")
    for tag in tags + [""] {
      guard let source = folders[tag]?.source(part, for: kind) else { continue }
      let language = tag.isEmpty ? self.locale ?? BuiltInTemplates.standardLanguage : tag
      return ServingTemplate(
        part: part, source: source, scope: scopes.scope(tag, version), language: language, isBuiltIn: false)
    }
    let tag = tags.first { folders[$0] != nil || BuiltInTemplates.words[$0] != nil }
    let scope = scopes.scope(tag ?? "", version)
    return ServingTemplate(
      part: part, source: BuiltInTemplates.source(part), scope: scope, language: scope.language, isBuiltIn: true)
  }

  /// Fills in every template with samples, so that a mistake in one is found before a mail needs it: a name that no
  /// event can carry, guarded or not, and whatever `render` refuses. Metadata counts as complete.
  package func check() throws(TemplateError) {
    let vocabulary = TemplateVocabulary(MailSample.all.map(\.values))
    for (_, folder) in folders.sorted(by: { $0.key < $1.key }) {
      for source in folder.sources.values.flatMap(\.values) + folder.partials.values.flatMap(\.values) {
        try vocabulary.check(source)
      }
    }
    for tag in folders.keys.sorted() + [""] {
      let steps = folders[tag]?.steps ?? []
      for kind in (Set(steps + [1, 2, 3]).sorted().map { Message.Kind.reminder(step: $0) }) + [.order] {
        var sample = MailSample.full(kind).request
        sample.cart.locale = tag.isEmpty ? nil : tag
        _ = try render(MailVariables(sample), as: kind, in: sample.cart.locale, metadata: .anything)
      }
    }
  }

  /// Every partial that is asked for is there, and none asks for itself, however indirectly. The built-in ones are sound
  /// among themselves.
  private func checkPartials() throws(TemplateError) {
    for (tag, folder) in folders.sorted(by: { $0.key < $1.key }) {
      let scope = scopes.scope(tag, .first)
      for (part, source) in folder.sources.values.flatMap({ $0 }) {
        try PartialCheck(partials: scope.partials[part.language] ?? [:]).check(source)
      }
      for (language, sources) in folder.partials {
        for source in sources.values { try PartialCheck(partials: scope.partials[language] ?? [:]).check(source) }
      }
    }
  }
}

/// The template that serves one part of one mail, with what belongs to its language.
private struct ServingTemplate {
  /// Columns of a line of text that the built-in templates write.
  static let textWidth = 72

  var part: MailPart
  var source: TemplateSource
  var scope: TemplateScope
  var language: String
  var isBuiltIn: Bool

  func render(_ values: TemplateNode, _ variables: MailVariables) throws(TemplateError) -> String {
    let isRightToLeft = LocaleTag.isRightToLeft(language)
    var own: [String: TemplateNode] = [
      "language": .text(language), "direction": .text(isRightToLeft ? "rtl" : "ltr"), "is_rtl": .bool(isRightToLeft),
    ]
    let lists = scope.names(in: source, part, among: MailVariables.itemListNames)
    if !lists.isEmpty {
      let total = scope.sentence("total", with: values) ?? ""
      own.merge(variables.itemLists(lists, total: total)) { $1 }
    }
    let text = try scope.render(source, part, with: values.adding(own))
    return isBuiltIn && part == .text ? Self.wrapped(text) : text
  }

  /// Links stay whole, and so do lines that are short enough.
  private static func wrapped(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
      let isShort = line.utf8.count <= textWidth || line.hasPrefix("http") || TextWidth.of(String(line)) <= textWidth
      return isShort ? [String(line)] : TextWidth.wrapped(String(line), to: textWidth)
    }.joined(separator: "\n")
  }
}
