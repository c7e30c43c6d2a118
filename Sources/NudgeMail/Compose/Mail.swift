/// A finished mail: CRLF line ends, pure ASCII, and whom a mail server is told it is from and for.
package struct Mail: Hashable, Sendable {
  package var sender: String
  package var recipient: String
  package var bytes: [UInt8]

  package init(sender: String, recipient: String, bytes: [UInt8]) {
    self.sender = sender
    self.recipient = recipient
    self.bytes = bytes
  }
}

/// What the templates made of a request, before it became a mail.
package struct Rendered: Hashable, Sendable {
  package var subject: String
  package var text: String
  package var html: String

  package init(subject: String, text: String, html: String) {
    self.subject = subject
    self.text = text
    self.html = html
  }

  init(_ filled: Filled) {
    subject = filled.subject
    text = String(decoding: filled.text, as: UTF8.self)
    html = String(decoding: filled.html, as: UTF8.self)
  }
}

/// The same while it is on its way into a mail, where nobody asks for its characters: the parts are UTF-8.
struct Filled: Sendable {
  var subject: String
  var text: [UInt8]
  var html: [UInt8]
}
