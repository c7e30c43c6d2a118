import NudgeDomain

/// The templates that serve where a shop has none of its own. They are part of the program: one layout, and what it
/// says in each language.
enum BuiltInTemplates {
  /// Which of its sentences a mail says: those of a step, or the order's.
  enum Version: String, CaseIterable, Sendable {
    case first = "-1"
    case second = "-2"
    case third = "-3"
    case order = "-order"

    /// Reminders after the third say what the third does.
    init(_ kind: Message.Kind) {
      switch kind {
      case .order: self = .order
      case .reminder(let step): self = step <= 1 ? .first : step == 2 ? .second : .third
      }
    }
  }

  /// For shoppers whose language is not among `words`.
  static let standardLanguage = "en"

  static func source(_ part: MailPart) -> TemplateSource {
    switch part {
    case .subject: subject
    case .text: text
    case .html: html
    }
  }

  private static let subject = source("subject.txt", PackageResources.subject_txt)
  private static let text = source("body.txt", PackageResources.body_txt)
  private static let html = source("body.html", PackageResources.body_html)

  /// What the layout consists of, by language and name.
  static let partials: [TemplateLanguage: [String: TemplateSource]] = [
    .html: [
      "head": source("head.html", PackageResources.head_html),
      "top": source("top.html", PackageResources.top_html),
      "items": source("items.html", PackageResources.items_html),
      "button": source("button.html", PackageResources.button_html),
      "foot": source("foot.html", PackageResources.foot_html),
    ],
    .text: [
      "cart": source("cart.txt", PackageResources.cart_txt),
      "foot": source("foot.txt", PackageResources.foot_txt),
    ],
  ]

  /// What the layout says, by the language's tag.
  static let words: [String: Words] = [
    "en": words("en", PackageResources.words_en_txt),
    "de": words("de", PackageResources.words_de_txt),
    "fr": words("fr", PackageResources.words_fr_txt),
    "es": words("es", PackageResources.words_es_txt),
    "it": words("it", PackageResources.words_it_txt),
    "nl": words("nl", PackageResources.words_nl_txt),
  ]

  private static func source(_ name: String, _ bytes: [UInt8]) -> TemplateSource {
    let language: TemplateLanguage = name.hasSuffix(".html") ? .html : .text
    do {
      return try TemplateSource(
        file: "built-in:\(name)", text: String(decoding: bytes, as: UTF8.self), language: language)
    } catch {
      fatalError("A built-in template is broken: \(error)")
    }
  }

  private static func words(_ language: String, _ bytes: [UInt8]) -> Words {
    do {
      return try Words(file: "built-in:words-\(language).txt", text: String(decoding: bytes, as: UTF8.self))
    } catch {
      fatalError("A built-in text is broken: \(error)")
    }
  }
}
