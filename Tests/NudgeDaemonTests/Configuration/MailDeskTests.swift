import Foundation
import NudgeAPI
import NudgeDomain
import NudgeMail
import TestKit
import Testing

@testable import NudgeDaemon
@testable import NudgeStore

@Suite("Mail desk") struct MailDeskTests {
  private func desk(_ folder: URL) throws -> MailDesk {
    var configuration = Configuration()
    configuration.shops["own"] = configuration.shop("default")
    configuration.shops["own"]?.templates = folder.path
    return try MailDesk(configuration: configuration)
  }

  private func write(_ text: String, _ name: String, in folder: URL) throws {
    let file = folder.appending(path: name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  @Test("each shop has its own templates")
  func ownTemplates() async throws {
    try await withTemporaryFolder { folder in
      try write("Hello from our own", "reminder/subject.txt", in: folder)
      let desk = try desk(folder)
      let now = Moment(milliseconds: 0)
      let own = try desk.preview(PreviewRequest(kind: .reminder(step: 1), subject: .sample(shop: "own")), now: now)
      let other = try desk.preview(PreviewRequest(kind: .reminder(step: 1)), now: now)
      #expect(own.subject == "Hello from our own")
      #expect(other.subject != own.subject)
      #expect(own.eml.contains("Subject: Hello from our own\r\n"))
    }
  }

  @Test("a template that cannot be filled in is a mistake of the configuration, with its file")
  func badTemplate() async throws {
    try await withTemporaryFolder { folder in
      try write("Hello {{nmae}}", "reminder/subject.txt", in: folder)
      let error = #expect(throws: ConfigurationError.self) { try desk(folder) }
      let issue = try #require(error?.issues.first)
      #expect(issue.file.hasSuffix("reminder/subject.txt"))
      #expect(issue.key == "nmae")
    }
  }

  @Test("an order message shows the order, with what it leaves to the checkout")
  func orderCart() throws {
    let content = ClaimContent(
      shop: "default", kind: .order, to: "ann@example.com", checkoutID: "c-1", orderID: "o-1",
      checkoutContent:
        #"{"items":[{"name":"Mug","quantity":2}],"locale":"de","name":"Ann","total":"25.00","url":"https://a.example/c"}"#,
      orderContent: #"{"total":"30.00"}"#, instance: "x", createdAt: Moment(milliseconds: 0))
    let cart = try Cart(content)
    #expect(cart.items.map(\.name) == ["Mug"])
    #expect(cart.total == "30.00")
    #expect(cart.locale == "de")
    #expect(cart.url == nil, "the checkout's page is no page for an order")
  }

  @Test("metadata keeps its numbers digit for digit")
  func metadata() throws {
    let content = ClaimContent(
      shop: "default", kind: .reminder(step: 1), to: "ann@example.com", checkoutID: "c-1", orderID: nil,
      checkoutContent: #"{"metadata":{"points":1.50,"tags":["a",null,true]}}"#, orderContent: nil, instance: "x",
      createdAt: Moment(milliseconds: 0))
    let metadata = try Cart(content).metadata
    #expect(metadata["points"] == .number("1.50"))
    #expect(metadata["tags"] == .array([.string("a"), .null, .bool(true)]))
  }

  @Test("a preview of an event shows the event")
  func preview() throws {
    let desk = try MailDesk(configuration: .standard)
    let event = CheckoutEvent(
      checkoutID: "c-9", email: "bob@example.com",
      cart: CartContent(name: "Bob", items: [.init(name: "Teapot", quantity: 1, price: "20.00")], currency: "EUR"))
    let reply = try desk.preview(
      PreviewRequest(kind: .reminder(step: 2), subject: .event(.checkout(event))), now: Moment(milliseconds: 0))
    #expect(reply.text.contains("Teapot"))
    #expect(reply.html.contains("Teapot"))
    #expect(reply.eml.contains("bob@example.com"))
  }
}
