/// Writes mails: a request and the shop's templates in, the bytes of a mail out. Equal requests give equal bytes.
package struct Composer: Sendable {
  private let templates: TemplateSet

  package init(templates: TemplateSet = .builtIn) {
    self.templates = templates
  }

  /// Fills in the templates: what the mail says, for people to look at.
  package func render(_ request: MailRequest) throws(CompositionError) -> Rendered {
    Rendered(subject: "", text: "", html: "")
  }

  /// The mail as it is handed to a mail server.
  package func compose(_ request: MailRequest) throws(CompositionError) -> Mail {
    Mail(sender: request.from.address, recipient: request.to, bytes: [])
  }
}
