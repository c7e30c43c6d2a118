import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

@Suite("The corpus of hostile texts") struct ComposeCorpusTests {
  static let files = [
    "addresses", "controls", "encoded-words", "html", "lengths", "mustache", "numbers", "quoted-printable", "unicode",
  ]

  private static func texts(_ file: String) throws -> [String] {
    let folder = Repository.root.appending(path: "Tests/NudgeMailTests/Corpus")
    return try JSONDecoder().decode([String].self, from: Data(contentsOf: folder.appending(path: "\(file).json")))
  }

  @Test("is complete")
  func complete() throws {
    let folder = Repository.root.appending(path: "Tests/NudgeMailTests/Corpus")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
    #expect(names.sorted() == Self.files.map { "\($0).json" })
    #expect(try Self.files.flatMap(Self.texts).count > 400)
  }

  @Test("gets into a mail as it is, or is refused where it could break the header", arguments: files)
  func everywhere(file: String) async throws {
    try await withTemporaryFolder { folder in
      let composer = Composer(templates: try ReadableMail.passThrough(in: folder))
      var mails: [ReadableMail] = []
      for text in try Self.texts(file) {
        let breaks = text.unicodeScalars.contains(where: \.breaksHeaders)
        let subject = breaks ? "S" : "S\(text)."
        let rendered = Rendered(subject: subject, text: "x\(text)y", html: "x\(text)y")
        var request = Self.request(text, metadata: ReadableMail.metadata(rendered))
        if breaks {
          #expect(throws: CompositionError.self, "\(text.debugDescription)") { try composer.compose(request) }
          (request.cart.name, request.from.name, request.replyTo, request.orderID) = (nil, nil, nil, nil)
        }
        mails.append(ReadableMail(mail: try composer.compose(request), expected: ExpectedMail(request, rendered)))
        request.kind = .order
        let builtIn = Composer()
        mails.append(
          ReadableMail(
            mail: try builtIn.compose(request), expected: ExpectedMail(request, try builtIn.render(request))))
      }
      try await ReadableMail.expectNoDifference(mails)
    }
  }

  private static func request(_ text: String, metadata: TemplateValue) -> MailRequest {
    let cart = Cart(
      name: text, locale: text, timeZone: text, url: "https://shop.example/?\(text.utf8.count)",
      items: [.init(name: text, quantity: 2, price: text), .init(name: "x")], total: text, currency: text,
      metadata: metadata)
    return ComposeMail.request(cart: cart) {
      $0.from.name = text
      $0.replyTo = Mailbox(name: text, address: "help@shop.example")
      $0.orderID = text
      $0.imprint = [text, "x"]
      $0.occurredAt = ComposeMail.date
      $0.shop = text
    }
  }
}
