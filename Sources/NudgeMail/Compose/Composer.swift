import NudgeDomain

/// Writes mails: a request and the shop's templates in, the bytes of a mail out. Equal requests give equal bytes.
package struct Composer: Sendable {
  /// What the subject of a test begins with.
  package static let testMark = "[Test] "
  /// The field that marks a test for programs.
  package static let testField = "X-Nudged-Test"

  private let templates: TemplateSet

  package init(templates: TemplateSet = .builtIn) {
    self.templates = templates
  }

  /// Fills in the templates: what the mail says, for people to look at.
  package func render(_ request: MailRequest) throws(CompositionError) -> Rendered {
    Rendered(try fill(request))
  }

  private func fill(_ request: MailRequest) throws(CompositionError) -> Filled {
    try request.checkURLs()
    do {
      return try templates.render(request)
    } catch {
      throw .template(error)
    }
  }

  /// The mail as it is handed to a mail server.
  package func compose(_ request: MailRequest) throws(CompositionError) -> Mail {
    let envelope = try Envelope(request)
    let filled = try fill(request)
    try CompositionError.check(filled.subject, field: "subject")
    guard !filled.subject.isEmpty else { throw .refused(field: "subject", because: "is empty") }
    var header = envelope.header(subject: request.isTest ? Self.testMark + filled.subject : filled.subject)
    if request.isTest { header.add(Self.testField, pieces: ["yes"]) }
    let body = Alternative(text: filled.text, html: filled.html, messageID: request.messageID)
    header.add("Content-Type", pieces: ["multipart/alternative;", "boundary=\"\(body.boundary)\""])
    var bytes = header.bytes
    body.write(into: &bytes)
    return Mail(sender: envelope.sender, recipient: envelope.recipient, bytes: bytes)
  }
}

extension MailRequest {
  /// Links that a mail may carry lead to a web page, nowhere else.
  fileprivate func checkURLs() throws(CompositionError) {
    try CompositionError.check(url: cart.url, field: "url")
    for (number, item) in cart.items.enumerated() {
      try CompositionError.check(url: item.url, field: "items[\(number)].url")
      try CompositionError.check(url: item.imageURL, field: "items[\(number)].image_url")
    }
  }
}

extension CompositionError {
  /// Refuses what could end a header's line or hide in it.
  static func check(_ text: String, field: String) throws(CompositionError) {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return }  // nearly always
    guard let scalar = text.unicodeScalars.first(where: \.breaksHeaders) else { return }
    let error = MailboxError.controlCharacter(scalar.value)
    throw .refused(field: field, because: error.description)
  }

  fileprivate static func check(url: String?, field: String) throws(CompositionError) {
    guard let url else { return }
    let start = String(decoding: url.utf8.prefix(8), as: UTF8.self).lowercased()
    let isWeb = start.hasPrefix("http://") || start.hasPrefix("https://")
    guard isWeb else { throw .refused(field: field, because: "is neither an http nor an https address") }
    try check(url, field: field)
  }
}
