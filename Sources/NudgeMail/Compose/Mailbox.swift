/// A mail address, with the name of its owner if that is known: `Example Shop <cart@shop.example>`.
package struct Mailbox: Hashable, Sendable {
  package var name: String?
  package var address: String

  package init(name: String? = nil, address: String) {
    self.name = name
    self.address = address
  }

  /// Reads `address`, `<address>`, `Name <address>` or `"Name" <address>`.
  package init(parsing text: String) throws(MailboxError) {
    self.init(address: text)
  }

  /// The address in ASCII, as mail servers are told it: an international domain as A-labels.
  package var asciiAddress: String {
    get throws(MailboxError) { address }
  }
}

/// Why a text is no mail address.
package enum MailboxError: Error, Hashable, Sendable {
  case notAnAddress(String)
}
