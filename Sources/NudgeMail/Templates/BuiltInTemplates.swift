import NudgeDomain

/// The templates that serve where a shop has none of its own. They are part of the program.
enum BuiltInTemplates {
  /// Reminders after this step use the templates of this step.
  private static let lastStep = 3

  static func source(_ part: MailPart, for kind: Message.Kind) -> TemplateSource {
    let name =
      switch kind {
      case .reminder(let step): "reminder-\(min(max(step, 1), lastStep))"
      case .order: "order"
      }
    return bodies["\(name)-\(part.fileName)"]!
  }

  /// What the templates share, by language and name.
  static let partials: [TemplateLanguage: [String: TemplateSource]] = [
    .html: [
      "head": source("head.html", PackageResources.head_html),
      "top": source("top.html", PackageResources.top_html),
      "items": source("items.html", PackageResources.items_html),
      "foot": source("foot.html", PackageResources.foot_html),
    ],
    .text: [
      "cart": source("cart.txt", PackageResources.cart_txt),
      "foot": source("foot.txt", PackageResources.foot_txt),
    ],
  ]

  private static let bodies: [String: TemplateSource] = {
    let files: [String: [UInt8]] = [
      "reminder-1-subject.txt": PackageResources.reminder_1_subject_txt,
      "reminder-1-body.txt": PackageResources.reminder_1_body_txt,
      "reminder-1-body.html": PackageResources.reminder_1_body_html,
      "reminder-2-subject.txt": PackageResources.reminder_2_subject_txt,
      "reminder-2-body.txt": PackageResources.reminder_2_body_txt,
      "reminder-2-body.html": PackageResources.reminder_2_body_html,
      "reminder-3-subject.txt": PackageResources.reminder_3_subject_txt,
      "reminder-3-body.txt": PackageResources.reminder_3_body_txt,
      "reminder-3-body.html": PackageResources.reminder_3_body_html,
      "order-subject.txt": PackageResources.order_subject_txt,
      "order-body.txt": PackageResources.order_body_txt,
      "order-body.html": PackageResources.order_body_html,
    ]
    return Dictionary(uniqueKeysWithValues: files.map { ($0, source($0, $1)) })
  }()

  private static func source(_ name: String, _ bytes: [UInt8]) -> TemplateSource {
    let language: TemplateLanguage = name.hasSuffix(".html") ? .html : .text
    do {
      return try TemplateSource(
        file: "built-in:\(name)", text: String(decoding: bytes, as: UTF8.self), language: language)
    } catch {
      fatalError("A built-in template is broken: \(error)")
    }
  }
}
