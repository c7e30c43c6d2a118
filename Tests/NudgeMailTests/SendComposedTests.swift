import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

@Suite("Composed mails on each transport") struct SendComposedTests {
  /// One letter of each kind, with a cart that needs every encoding.
  private func letters(to recipient: String = "ann@example.com") throws -> [(id: String, letter: Letter)] {
    let cart = ComposeMail.cart {
      $0.name = "Anna-Łucja Müller-Großmann, 安娜"
      $0.items.append(.init(name: ". From 😀 “Tasse” & <b>Löffel</b>", quantity: 3, price: "0.5"))
    }
    return try ComposeMail.kinds.map { kind in
      let id = "m\(UInt64.random(in: .min ... .max)).test@shop.example"
      let request = ComposeMail.request(kind, cart: cart) { $0.messageID = id }
      let bytes = try Composer().compose(request).bytes
      return (id, Letter(attemptID: "a-1-test", sender: "cart@shop.example", recipient: recipient, bytes: bytes))
    }
  }

  @Test("SES has each byte for byte")
  func ses() async throws {
    try await withMoto { moto in
      let sender = try moto.sender(moto.credentials)
      let letters = try letters()
      for (_, letter) in letters { #expect(await sender.deliver(letter).kind == .accepted) }
      await sender.shutdown()
      #expect(try await Set(moto.mails().values) == Set(letters.map(\.letter.bytes)))
    }
  }

  @Test("SMTP has each byte for byte")
  func smtp() async throws {
    try await withAiosmtpd { sender, maildir, _ in
      let letters = try letters()
      for (_, letter) in letters { #expect(await sender.deliver(letter).kind == .accepted) }
      await sender.shutdown()
      let mails = try await ReadMail.maildir(maildir)
      #expect(Set(mails.map { Array($0.bytes) }) == Set(letters.map(\.letter.bytes)))
      #expect(mails.flatMap(\.defects).isEmpty)
    }
  }

  @Test(
    "sendmail has each byte for byte below what dma adds", .enabled(if: MailServer.isPossible, MailServer.excuse))
  func sendmail() async throws {
    try await DMA.withSender { sender, server in
      for (id, letter) in try letters(to: "ann@\(MailServer.domain)") {
        #expect(await sender.deliver(letter).kind == .accepted)
        let (mail, bytes) = try await server.take(id: id, of: "ann")
        #expect(bytes == letter.bytes)
        #expect(mail.defects.isEmpty)
      }
    }
  }

  @Test("the Maildir has each byte for byte")
  func maildir() async throws {
    try await withTemporaryFolder { folder in
      let sender = MaildirSender(configuration: .init(path: folder.path), now: { ComposeMail.date })
      let letters = try letters()
      for (_, letter) in letters { #expect(await sender.deliver(letter).kind == .accepted) }
      let mails = try await ReadMail.maildir(folder.path)
      #expect(Set(mails.map { Array($0.bytes) }) == Set(letters.map(\.letter.bytes)))
      #expect(mails.flatMap(\.defects).isEmpty)
      #expect(mails.allSatisfy { $0.text?.contains("Löffel") == true })
    }
  }
}
