import Foundation
import NudgeDomain
import NudgeMail
import TestKit
import Testing

/// A mail and what must be read from it.
struct ReadableMail: Encodable {
  let mail: Data
  let expected: ExpectedMail

  init(mail: Mail, expected: ExpectedMail) {
    self.mail = Data(mail.bytes)
    self.expected = expected
  }
}

struct ExpectedMail: Encodable {
  let from: [String?]
  let to: [String?]
  let replyTo: [String?]?
  let subject: String
  let messageID: String
  let seconds: Int64
  let text: String
  let html: String

  enum CodingKeys: String, CodingKey {
    case from, to, subject, seconds, text, html
    case replyTo = "reply_to"
    case messageID = "message_id"
  }

  init(_ request: MailRequest, _ rendered: Rendered) {
    from = [request.from.name, request.from.address]
    to = [request.cart.name, request.to]
    replyTo = request.replyTo.map { [$0.name, $0.address] }
    subject = rendered.subject
    messageID = request.messageID
    seconds = request.date.milliseconds / 1_000
    text = rendered.text
    html = rendered.html
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(from, forKey: .from)
    try container.encode(to, forKey: .to)
    try container.encode(replyTo, forKey: .replyTo)
    try container.encode(subject, forKey: .subject)
    try container.encode(messageID, forKey: .messageID)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(text, forKey: .text)
    try container.encode(html, forKey: .html)
  }
}

extension ReadableMail {
  /// Has Python's `email` read the mails, and their bytes checked.
  static func expectNoDifference(_ mails: [ReadableMail], _ comment: Comment? = nil) async throws {
    let lines = try mails.map { try JSONEncoder().encode($0) + Data([UInt8(ascii: "\n")]) }
    let input = lines.reduce(into: Data()) { $0 += $1 }
    let result = try await Program.run(Repository.python, [Repository.oracle("mail").path], input: input)
    #expect(result.status == 0, "\(comment?.rawValue ?? ""): \(result.text.prefix(8_000))\(result.errorText)")
    #expect(result.text.hasSuffix("\(mails.count) mails checked, 0 differences\n"), comment)
  }

  /// Templates that show nothing but what the event carries.
  static func passThrough(in folder: URL) throws -> TemplateSet {
    for kind in ["reminder", "order"] {
      let mail = folder.appending(path: kind)
      try FileManager.default.createDirectory(at: mail, withIntermediateDirectories: true)
      for (name, text) in [
        "subject.txt": "{{metadata.subject}}", "body.txt": "{{metadata.text}}", "body.html": "{{{metadata.html}}}",
      ] {
        try Data(text.utf8).write(to: mail.appending(path: name))
      }
    }
    return try TemplateSet(folder: folder.path)
  }

  static func metadata(_ rendered: Rendered) -> TemplateValue {
    .object([
      .init(name: "subject", value: .string(rendered.subject)), .init(name: "text", value: .string(rendered.text)),
      .init(name: "html", value: .string(rendered.html)),
    ])
  }
}
