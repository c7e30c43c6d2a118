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

  private var contentDefect: String? { bytes.withUnsafeBufferPointer(Self.defect) }

  /// One walk over the mail, since every letter takes it: from line end to line end.
  private static func defect(of mail: UnsafeBufferPointer<UInt8>) -> String? {
    var (start, isLong) = (0, false)
    while let end = mail.firstIndex(from: start, below: carriageReturn + 1, where: mayEndLine) {
      if mail[end] == 0 { return "the mail has a byte that is zero" }
      guard mail[end] == carriageReturn, end + 1 < mail.count, mail[end + 1] == lineFeed else { return bareLineEnd }
      isLong = isLong || end - start > longestLine
      start = end + 2
    }
    isLong = isLong || mail.count - start > longestLine + 1
    return isLong ? "the mail has a line of more than \(longestLine) bytes" : nil
  }

  private static func mayEndLine(_ byte: UInt8) -> Bool { byte == carriageReturn || byte == lineFeed || byte == 0 }

  private static let carriageReturn = UInt8(ascii: "\r")
  private static let lineFeed = UInt8(ascii: "\n")
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
