import Synchronization

/// What the templates of one language and one kind of mail see besides the event: the partials, the built-in words among
/// them, and how the language is written.
struct TemplateScope: Sendable {
  /// Of the built-in templates in this scope.
  let language: String
  let partials: [TemplateLanguage: [String: TemplateSource]]

  /// - Parameters:
  ///   - own: the shop's partials, the general ones first: a later one takes the place of an earlier one.
  ///   - words: the built-in language that is nearest.
  init(
    tag: String, version: BuiltInTemplates.Version, words: String,
    own: [[TemplateLanguage: [String: TemplateSource]]]
  ) {
    let said = own.contains { $0.values.contains { $0.keys.contains { $0.hasPrefix(Words.prefix) } } }
    language = said && !tag.isEmpty ? tag : words
    var partials: [TemplateLanguage: [String: TemplateSource]] = [:]
    for language in TemplateLanguage.allCases {
      let ownPartials = own.compactMap { $0[language] }.reduce([:]) { $0.merging($1) { $1 } }
      let builtIn = (BuiltInTemplates.partials[language] ?? [:])
        .merging(BuiltInTemplates.words[words]?.sources[language] ?? [:]) { $1 }
      partials[language] = Self.named(builtIn.merging(ownPartials) { $1 }, for: version, own: ownPartials)
    }
    self.partials = partials
  }

  /// With each sentence of this version under the name that the layout calls it by, unless the shop has its own.
  private static func named(
    _ partials: [String: TemplateSource], for version: BuiltInTemplates.Version, own: [String: TemplateSource]
  ) -> [String: TemplateSource] {
    var named = partials
    for (name, source) in partials where name.hasPrefix(Words.prefix) && name.hasSuffix(version.rawValue) {
      let plain = String(name.dropLast(version.rawValue.count))
      if own[plain] == nil { named[plain] = source }
    }
    return named
  }

  /// Fills in one template. A variable that is missing is an error, before anything is written.
  func render(_ source: TemplateSource, _ part: MailPart, with values: TemplateNode) throws(TemplateError) -> [UInt8] {
    let text = try TemplateWriter.bytes(of: source, values: values, partials: partials[part.language] ?? [:])
    guard Self.showsSomething(text) else { throw TemplateError(file: source.file, problem: "shows nothing") }
    return text
  }

  private static func showsSomething(_ text: [UInt8]) -> Bool {
    text.contains { (0x21...0x7E).contains($0) }
      || String(decoding: text, as: UTF8.self).contains { !$0.isWhitespace }
  }

  /// The variables that a template, or a partial that it asks for, may show. Partials that ask for themselves were refused
  /// when they were read.
  func variables(in source: TemplateSource, _ part: MailPart) -> Set<MailVariable> {
    variables(in: source.tags, partials[part.language] ?? [:])
  }

  /// The same for `sentence`.
  func variables(inSentence name: String) -> Set<MailVariable> {
    let partials = partials[.text] ?? [:]
    return variables(in: partials[Words.prefix + name]?.tags ?? [], partials)
  }

  private func variables(in tags: [TemplateTag], _ partials: [String: TemplateSource]) -> Set<MailVariable> {
    tags.reduce(into: []) { found, tag in
      switch tag {
      case .text: break
      case .variable(let name, _): found.formUnion(name.path.prefix(1).compactMap(\.variable))
      case .section(let name, _, let inner):
        found.formUnion(name.path.prefix(1).compactMap(\.variable))
        found.formUnion(variables(in: inner, partials))
      case .partial(let name, _): found.formUnion(variables(in: partials[name.text]?.tags ?? [], partials))
      }
    }
  }

  /// The sentence of that name as plain text, for what is no template: the columns of a cart. What it lacks shows as
  /// nothing.
  func sentence(_ name: String, with values: TemplateNode) throws(TemplateError) -> String? {
    let partials = partials[.text] ?? [:]
    guard let source = partials[Words.prefix + name] else { return nil }
    return try TemplateWriter.text(of: source, values: values, partials: partials, mayMiss: true).withoutSpaceAround
  }
}

/// The scopes of one shop's templates, each made when it is first asked for.
final class TemplateScopes: Sendable {
  private struct Name: Hashable {
    var tag: String
    var version: BuiltInTemplates.Version
  }

  /// The shop's partials, by tag; under the empty name those for no locale.
  private let partials: [String: [TemplateLanguage: [String: TemplateSource]]]
  private let locale: String?
  private let scopes = Mutex<[Name: TemplateScope]>([:])

  init(partials: [String: [TemplateLanguage: [String: TemplateSource]]], locale: String?) {
    self.partials = partials
    self.locale = locale
  }

  /// - Parameter tag: of one of the shop's folders or of a built-in language; there are no more scopes than those.
  func scope(_ tag: String, _ version: BuiltInTemplates.Version) -> TemplateScope {
    let name = Name(tag: tag, version: version)
    if let known = scopes.withLock({ $0[name] }) { return known }
    let chain = LocaleTag.chain(tag)
    let words = (chain + LocaleTag.chain(locale ?? "")).first { BuiltInTemplates.words[$0] != nil }
    let scope = TemplateScope(
      tag: tag, version: version, words: words ?? BuiltInTemplates.standardLanguage,
      own: ([""] + chain.reversed()).compactMap { partials[$0] })
    scopes.withLock { $0[name] = scope }
    return scope
  }
}

extension String {
  /// Without white space at its ends.
  var withoutSpaceAround: String {
    guard let last = lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(self[...last].drop(while: \.isWhitespace))
  }
}
