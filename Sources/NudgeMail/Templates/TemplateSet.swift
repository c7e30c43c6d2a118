import NudgeDomain
import Synchronization

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
  private let known = KnownTemplates()

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
  func render(_ request: MailRequest) throws(TemplateError) -> Filled {
    try render(MailVariables(request), as: request.kind, in: request.cart.locale)
  }

  private func render(
    _ variables: MailVariables, as kind: Message.Kind, in locale: String?, metadata: TemplateNode? = nil
  ) throws(TemplateError) -> Filled {
    let serving = serving(kind, in: locale)
    var values = variables.fields(serving.variables)
    if let metadata { values[.metadata] = metadata }
    let subject = String(decoding: try serving.subject.render(&values, variables), as: UTF8.self).withoutSpaceAround
    values[.subject] = .text(subject)
    return Filled(
      subject: subject, text: try serving.text.render(&values, variables),
      html: try serving.html.render(&values, variables))
  }

  /// The templates that serve a kind of mail in a locale.
  private func serving(_ kind: Message.Kind, in locale: String?) -> ServingTemplates {
    known.serving(.init(kind: kind, locale: locale)) {
      ServingTemplates(
        subject: serving(.subject, for: kind, in: locale), text: serving(.text, for: kind, in: locale),
        html: serving(.html, for: kind, in: locale))
    }
  }

  private func serving(_ part: MailPart, for kind: Message.Kind, in locale: String?) -> ServingTemplate {
    let version = BuiltInTemplates.Version(kind)
    let tags = LocaleTag.chain(locale ?? "") + LocaleTag.chain(self.locale ?? "")
    for tag in tags + [""] {
      guard let source = folders[tag]?.source(part, for: kind) else { continue }
      let language = tag.isEmpty ? self.locale ?? BuiltInTemplates.standardLanguage : tag
      return ServingTemplate(part, source, in: scopes.scope(tag, version), language: language, isBuiltIn: false)
    }
    let tag = tags.first { folders[$0] != nil || BuiltInTemplates.words[$0] != nil }
    let scope = scopes.scope(tag ?? "", version)
    return ServingTemplate(
      part, BuiltInTemplates.source(part), in: scope, language: scope.language, isBuiltIn: true)
  }

  /// Fills in every template with samples, so that a mistake in one is found before a mail needs it: a name that no
  /// event can carry, guarded or not, and whatever `render` refuses. Metadata counts as complete.
  package func check() throws(TemplateError) {
    for (_, folder) in folders.sorted(by: { $0.key < $1.key }) {
      for source in folder.sources.values.flatMap(\.values) + folder.partials.values.flatMap(\.values) {
        try TemplateVocabulary.check(source)
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

/// The templates that serve one kind of mail in one locale.
private struct ServingTemplates: Sendable {
  struct Key: Hashable {
    var kind: Message.Kind
    var locale: String?
  }

  let subject: ServingTemplate
  let text: ServingTemplate
  let html: ServingTemplate
  /// What they ask for together.
  let variables: [MailVariable]

  init(subject: ServingTemplate, text: ServingTemplate, html: ServingTemplate) {
    (self.subject, self.text, self.html) = (subject, text, html)
    variables = Array(subject.variables.union(text.variables).union(html.variables))
  }
}

/// The templates that have served, so that they are looked for once.
private final class KnownTemplates: Sendable {
  /// A shop's shoppers have a few dozen locales.
  private static let most = 500
  private let known = Mutex<[ServingTemplates.Key: ServingTemplates]>([:])

  func serving(_ key: ServingTemplates.Key, or find: () -> ServingTemplates) -> ServingTemplates {
    if let serving = known.withLock({ $0[key] }) { return serving }
    let serving = find()
    known.withLock { known in
      if known.count >= Self.most { known.removeAll() }
      known[key] = serving
    }
    return serving
  }
}

/// The template that serves one part of one mail, with what belongs to its language.
private struct ServingTemplate: Sendable {
  /// Columns of a line of text that the built-in templates write.
  static let textWidth = 72

  private let part: MailPart
  private let source: TemplateSource
  private let scope: TemplateScope
  private let language: String
  private let isRightToLeft: Bool
  private let isBuiltIn: Bool
  /// What it asks for, the names of its columns included.
  let variables: Set<MailVariable>
  /// The lists of items among them.
  private let lists: Set<MailVariable>

  init(_ part: MailPart, _ source: TemplateSource, in scope: TemplateScope, language: String, isBuiltIn: Bool) {
    self.part = part
    self.source = source
    self.scope = scope
    self.language = language
    self.isBuiltIn = isBuiltIn
    isRightToLeft = LocaleTag.isRightToLeft(language)
    let asked = scope.variables(in: source, part)
    lists = asked.intersection([.itemList, .shownItemList])
    variables = lists.isEmpty ? asked : asked.union(scope.variables(inSentence: "total"))
  }

  /// Adds to `values` what belongs to the language.
  func render(_ values: inout MailFields, _ variables: MailVariables) throws(TemplateError) -> [UInt8] {
    if !lists.isEmpty {
      let total = try scope.sentence("total", with: .fields(values)) ?? ""
      for list in lists { values[list] = variables.itemList(list, total: total) ?? values[list] }
    }
    values[.language] = .text(language)
    values[.direction] = .text(isRightToLeft ? "rtl" : "ltr")
    values[.isRightToLeft] = .bool(isRightToLeft)
    let text = try scope.render(source, part, with: .fields(values))
    return isBuiltIn && part == .text ? TextWidth.wrappedLines(of: text, to: Self.textWidth) : text
  }
}
