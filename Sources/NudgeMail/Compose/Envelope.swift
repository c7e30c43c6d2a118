import NudgeDomain

/// Whom a mail is from and for, and what the header says of it, checked.
struct Envelope {
  let sender: String
  let recipient: String
  private let request: MailRequest
  private let replyTo: (mailbox: Mailbox, address: String)?
  private let date: String
  private let list: ListID

  init(_ request: MailRequest) throws(CompositionError) {
    self.request = request
    sender = try Self.address(of: request.from, field: "from")
    try request.cart.name.map { name throws(CompositionError) in try CompositionError.check(name, field: "name") }
    recipient = try Self.address(of: Mailbox(address: request.to), field: "email")
    replyTo = try request.replyTo.map { mailbox throws(CompositionError) in
      (mailbox, try Self.address(of: mailbox, field: "reply_to"))
    }
    guard Self.isMessageID(request.messageID) else {
      throw .refused(field: "message_id", because: "is not of the form id@domain in plain ASCII")
    }
    guard let date = MailDate.text(for: request.date) else {
      throw .refused(field: "date", because: "lies outside of the years \(MailDate.years)")
    }
    self.date = date
    list = ListID(kind: request.kind, shop: request.shop, sender: request.from.name, domain: Self.domain(of: sender))
  }

  /// All fields but those of the content.
  func header(subject: String) -> Header {
    var header = Header()
    header.add("From", mailbox: request.from, address: sender)
    header.add("To", mailbox: Mailbox(name: request.cart.name, address: recipient), address: recipient)
    if let replyTo { header.add("Reply-To", mailbox: replyTo.mailbox, address: replyTo.address) }
    header.add("Subject", text: subject)
    header.add("Date", pieces: [date])
    header.add("Message-ID", pieces: ["<\(request.messageID)>"])
    header.add("MIME-Version", pieces: ["1.0"])
    header.add("Auto-Submitted", pieces: ["auto-generated"])
    header.add("X-Auto-Response-Suppress", pieces: ["OOF, AutoReply"])
    header.add("List-ID", mailbox: Mailbox(name: list.name, address: list.identifier), address: list.identifier)
    return header
  }

  private static func address(of mailbox: Mailbox, field: String) throws(CompositionError) -> String {
    try CompositionError.check((mailbox.name ?? "") + mailbox.address, field: field)
    do {
      return try mailbox.asciiAddress
    } catch {
      throw .refused(field: field, because: error.description)
    }
  }

  private static func domain(of address: String) -> String {
    address.utf8.lastIndex(of: UInt8(ascii: "@")).map { String(address[$0...].dropFirst()) } ?? address
  }

  private static func isMessageID(_ text: String) -> Bool {
    guard let at = text.utf8.firstIndex(of: UInt8(ascii: "@")), text.utf8.count <= MailAddress.longest else {
      return false
    }
    return Mailbox.areAtoms(text.utf8[..<at]) && Mailbox.areAtoms(text.utf8[at...].dropFirst())
  }
}
