/// A mail in its envelope, ready to be handed to a mail server.
package struct Letter: Hashable, Sendable {
  /// Names this hand-over of the mail, not the mail: `[A-Za-z0-9_-]`, at most 256 bytes.
  package var attemptID: String
  /// The address of the envelope's sender: pure ASCII, no display name.
  package var sender: String
  /// The address of the one recipient: pure ASCII, no display name.
  package var recipient: String
  /// The whole mail, headers and body, with CRLF line ends.
  package var bytes: [UInt8]

  package init(attemptID: String, sender: String, recipient: String, bytes: [UInt8]) {
    self.attemptID = attemptID
    self.sender = sender
    self.recipient = recipient
    self.bytes = bytes
  }
}

extension Letter {
  /// Why no mail server could be given this letter; nil if one can. Composed mails and checked addresses have no defect:
  /// this is the last door before the wire, where a line end in the wrong place would be a command.
  var defect: String? {
    if !Self.isAddress(sender) { return "the sender's address cannot stand in an envelope" }
    if !Self.isAddress(recipient) { return "the recipient's address cannot stand in an envelope" }
    if bytes.isEmpty { return "the mail is empty" }
    return contentDefect
  }

  /// RFC 5321, the line end not counted. What is longer is cut, wrapped or refused on the way.
  private static let longestLine = 998

  /// One walk over the mail, since every letter takes it.
  private var contentDefect: String? {
    var length = 0
    var previous: UInt8 = 0
    var isLong = false
    for byte in bytes {
      if (byte == UInt8(ascii: "\n")) != (previous == UInt8(ascii: "\r")) { return Self.bareLineEnd }
      if byte == 0 { return "the mail has a byte that is zero" }
      length = byte == UInt8(ascii: "\n") ? 0 : length + 1
      isLong = isLong || length > Self.longestLine + 1
      previous = byte
    }
    if previous == UInt8(ascii: "\r") { return Self.bareLineEnd }
    return isLong ? "the mail has a line of more than \(Self.longestLine) bytes" : nil
  }

  private static let bareLineEnd = "the mail has a line end other than CRLF"

  /// Printable ASCII without space and angle brackets, and no option of a program.
  fileprivate static func isAddress(_ text: String) -> Bool {
    !text.isEmpty && !text.hasPrefix("-")
      && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
  }
}

extension Mailbox {
  /// Why no mail can be sent to the address; nil if one can.
  package var envelopeDefect: String? {
    do throws(MailboxError) {
      return Letter.isAddress(try asciiAddress) ? nil : "cannot stand in an envelope"
    } catch {
      return error.description
    }
  }
}
