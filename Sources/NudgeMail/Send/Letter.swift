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
    return hasBareLineEnd ? "the mail has a line end other than CRLF" : nil
  }

  /// Printable ASCII without space and angle brackets, and no option of a program.
  private static func isAddress(_ text: String) -> Bool {
    let brackets: Set = [UInt8(ascii: "<"), UInt8(ascii: ">")]
    return !text.isEmpty && !text.hasPrefix("-")
      && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && !brackets.contains($0) }
  }

  private var hasBareLineEnd: Bool {
    var previous: UInt8 = 0
    for byte in bytes {
      if (byte == UInt8(ascii: "\n")) != (previous == UInt8(ascii: "\r")) { return true }
      previous = byte
    }
    return previous == UInt8(ascii: "\r")
  }
}
