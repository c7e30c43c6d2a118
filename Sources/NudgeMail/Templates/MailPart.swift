/// The three texts that a mail is made of, each with a template of its own.
enum MailPart: String, CaseIterable, Sendable {
  case subject = "subject.txt"
  case text = "body.txt"
  case html = "body.html"

  var fileName: String { rawValue }

  var language: TemplateLanguage { self == .html ? .html : .text }
}
