import Foundation
import NudgeDomain
import NudgeMail
import TestKit
import Testing

@Suite("Composed mails, as Python reads them") struct ComposeOracleTests {
  /// Mails of each kind.
  static let count = 1_000

  @Test(
    "say what was put into them, however hostile it is, and have no defect", arguments: [1, 20_261_122] as [UInt64])
  func hostile(seed: UInt64) async throws {
    try await withTemporaryFolder { folder in
      var source = HostileSource(seed: seed)
      let composer = Composer(templates: try Self.passThrough(in: folder))
      let cases = try (0..<Self.count).map { _ in try Self.passedThrough(by: composer, &source) }
      try await Self.expectNoDifference(cases)
    }
  }

  @Test("of the built-in templates have no defect either, whatever the cart holds")
  func builtIn() async throws {
    var source = HostileSource(seed: 7)
    let composer = Composer()
    let cases = try (0..<Self.count / 5).map { _ in
      let request = source.request(metadata: .null)
      let rendered = try composer.render(request)
      return Case(mail: try composer.compose(request), expected: Expected(request, rendered))
    }
    try await Self.expectNoDifference(cases)
  }

  /// Templates that show nothing but what the event carries.
  private static func passThrough(in folder: URL) throws -> TemplateSet {
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

  private static func passedThrough(by composer: Composer, _ source: inout HostileSource) throws -> Case {
    let subject = "S" + source.line() + "."
    let text = source.text()
    let html = source.text()
    let metadata: TemplateValue = .object([
      .init(name: "subject", value: .string(subject)), .init(name: "text", value: .string(text)),
      .init(name: "html", value: .string(html)),
    ])
    let request = source.request(metadata: metadata)
    let mail = try composer.compose(request)
    return Case(mail: mail, expected: Expected(request, Rendered(subject: subject, text: text, html: html)))
  }

  private static func expectNoDifference(_ cases: [Case]) async throws {
    let lines = try cases.map { try JSONEncoder().encode($0) + Data([UInt8(ascii: "\n")]) }
    let input = lines.reduce(into: Data()) { $0 += $1 }
    let result = try await Program.run(Repository.python, [Repository.oracle("mail").path], input: input)
    #expect(result.status == 0, "\(result.text.prefix(8_000))\(result.errorText)")
    #expect(result.text.hasSuffix("\(cases.count) mails checked, 0 differences\n"))
  }
}

private struct Case: Encodable {
  let mail: Data
  let expected: Expected

  init(mail: Mail, expected: Expected) {
    self.mail = Data(mail.bytes)
    self.expected = expected
  }
}

private struct Expected: Encodable {
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
