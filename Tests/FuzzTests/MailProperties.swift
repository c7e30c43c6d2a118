import NudgeDomain

@testable import NudgeAPI
@testable import NudgeMail

// What mail servers say, what DNS says, and what goes into mails.

/// What either room takes as an address can be given to a mail server: one line of printable ASCII without a space, at
/// most as long as the standard has it.
func checkAddress(_ input: [UInt8]) throws(Broken) {
  let text = String(decoding: input, as: UTF8.self)
  if let mailbox = try? Mailbox(parsing: text) {
    try checkASCII(mailbox.address)
    for scalar in (mailbox.name ?? "").unicodeScalars {
      try require(scalar.properties.generalCategory != .control, "a name with a control character")
    }
  }
  if EmailAddress.complaint(about: text) == nil { try checkTaken(address: text) }
}

/// What the API took can be sent to.
func checkTaken(address: String) throws(Broken) {
  do { _ = try Mailbox(parsing: address) } catch {
    throw Broken(description: "the API takes \(address), which no mail can be sent to: \(error)")
  }
  try checkASCII(address)
}

private func checkASCII(_ address: String) throws(Broken) {
  guard let ascii = try? MailAddress.ascii(address) else { throw Broken(description: "\(address) has no ASCII form") }
  try require(ascii.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "\(ascii) is not printable ASCII")
  try require(ascii.utf8.count <= MailAddress.longest, "\(ascii) is too long")
  try require(ascii.utf8.count { $0 == UInt8(ascii: "@") } == 1, "\(ascii) has not one @")
  try require((try? MailAddress.ascii(ascii)) == ascii, "\(ascii) is not its own ASCII form")
}

/// A template that is read and checked renders, within bounds; what is not is refused with its file's name.
func checkTemplate(_ input: [UInt8]) throws(Broken) {
  let text = String(decoding: input, as: UTF8.self)
  for language in TemplateLanguage.allCases {
    do {
      let source = try TemplateSource(file: "x", text: text, language: language)
      let values = TemplateNode.object(["name": .text("<Ann> & \"co\""), "items": .list([]), "sure": .bool(true)])
      _ = try TemplateWriter.text(of: source, values: values, partials: [:])
    } catch {
      try require(error.file == "x", "an error without its file")
    }
  }
}

/// An answer counts as accepted only if it is a success that names the mail, whatever else it says. The first byte chooses
/// the status, a line the error's type, the rest is the body.
func checkSES(_ input: [UInt8]) throws(Broken) {
  let statuses = [200, 201, 204, 301, 307, 400, 401, 403, 404, 408, 413, 429, 500, 503, 100]
  let status = statuses[Int(input.first ?? 0) % statuses.count]
  let parts = input.dropFirst().split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
  let type = parts.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
  let body = parts.count == 2 ? Array(parts[1]) : nil
  let answer = SESAnswer(status: status, errorType: type.isEmpty ? nil : type, body: body)
  switch answer.delivery {
  case .accepted(let id):
    try require((200..<300).contains(status) && body != nil, "\(status) was taken for accepted")
    try require(id?.isEmpty == false, "accepted without an id")
    try checkShown(id ?? "")
  case .deferred(_, let error):
    try require((300..<500).contains(status), "\(status) was taken for: surely not sent")
    try checkShown(error)
  case .refused(let error):
    try require((400..<500).contains(status), "\(status) was taken for: refused")
    try checkShown(error)
  case .unknown(let error):
    try require(!(400..<500).contains(status), "\(status) was taken for unknown")
    try checkShown(error)
  }
}

/// What is kept of a server's words is one line without control characters, and not long.
private func checkShown(_ text: String) throws(Broken) {
  try require(text.count <= longestErrorText, "a text of \(text.count) characters is kept")
  let isShown = text.unicodeScalars.allSatisfy { $0 == " " || !$0.properties.isWhitespace && $0.value >= 0x20 }
  try require(isShown, "a control character is kept")
}

/// Replies are the same however they come; each has one code from 200 to 599; what is no reply ends the conversation.
/// Only a 2 is positive, and no objection is an acceptance.
func checkSMTP(_ input: [UInt8]) throws(Broken) {
  var parser = SMTPReplyParser()
  for byte in input {
    let reply: SMTPReply?
    do { reply = try parser.take(byte) } catch { return }
    guard let reply else { continue }
    try require((200..<600).contains(reply.code), "a code \(reply.code)")
    try require(!reply.lines.isEmpty && reply.lines.count <= SMTPReplyParser.mostLines, "\(reply.lines.count) lines")
    try require(reply.isPositive == (200..<300).contains(reply.code), "\(reply.code) is positive")
    try checkShown(reply.text)
    if let id = reply.queueID { try checkShown(id) }
    if let size = SMTPExtensions(hello: reply).longestMail { try require(size > 0, "mails of \(size) bytes") }
    for step in [SMTPStep.greeting, .mail, .recipient, .data, .content] {
      if case .accepted = reply.objection(at: step) { throw Broken(description: "an objection is an acceptance") }
    }
  }
}

/// Records of DNS, which anybody may publish: they are read or refused, and a key has a length that its text can have.
func checkRecords(_ input: [UInt8]) throws(Broken) {
  let text = String(decoding: input, as: UTF8.self)
  if let record = try? SPFRecord(parsing: text) {
    try require(record.directives.count <= text.count, "more directives than characters")
    try require(record.redirect?.isEmpty != true, "a redirect to nowhere")
  }
  if let record = try? DMARCRecord(parsing: text) {
    try require(DMARCRecord.isDMARC(text), "\(record.policy) of a text that is no DMARC record")
  }
  if let key = try? DKIMKey(parsing: text), case .rsa(let bits) = key.kind {
    try require(bits > 0 && bits <= text.utf8.count * 6, "a key of \(bits) bits in \(text.utf8.count) bytes")
  }
}
