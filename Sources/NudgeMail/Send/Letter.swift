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
