import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

@Suite("LMTP") struct SendLMTPTests {
  @Test("the conversation is SMTP's, but for the hello")
  func conversation() async throws {
    let seen = Conversation()
    let server = try mailServer(seen: seen)
    await withSender(to: server, configure: { $0.server.language = .lmtp }) { sender in
      for _ in 0..<2 { #expect(await sender.deliver(letter()).kind == .accepted) }
      #expect(server.connections == 1)
    }
    let expected = ["LHLO", "MAIL", "RCPT", "DATA"]
    #expect(seen.verbs.prefix(4) == expected[...])
  }

  @Test(
    "a reply is what it is in SMTP",
    arguments: [
      (["LHLO": "500 what"], Kind.sender), (["": "421 busy"], .sender), (["RCPT": "550 5.1.1 no such user"], .refused),
      (["RCPT": "451 4.3.0 later"], .message), ([".": "550 5.1.1 no such user after all"], .refused),
      ([".": "552 5.2.2 quota exceeded"], .message), ([".": "452 4.2.2 quota exceeded"], .message),
      ([".": "452 4.3.1 disk full"], .sender), ([".": "close"], .unknown), (["DATA": "close"], .message),
      ([".": "250-2.1.5 several\r\n250 lines"], .accepted),
    ])
  func replies(replies: [String: String], expected: Kind) async throws {
    let server = try mailServer(replies)
    await withSender(to: server, configure: { $0.server.language = .lmtp }) { sender in
      let delivery = await sender.deliver(letter())
      #expect(delivery.kind == expected, "\(delivery)")
    }
  }

  @Test("SMTP's hello is never tried where LMTP is spoken")
  func noOldHello() async throws {
    let seen = Conversation()
    let server = try mailServer(["LHLO": "502 what"], seen: seen)
    await withSender(to: server, configure: { $0.server.language = .lmtp }) { sender in
      #expect(await sender.deliver(letter()).error.hasPrefix("LHLO: 502"))
    }
    #expect(seen.verbs == ["LHLO"])
  }

  @Test("aiosmtpd, an LMTP server at a Unix socket, has each mail byte for byte")
  func socket() async throws {
    try await withTemporaryFolder { folder in
      let (socket, maildir) = (folder.appending(path: "lmtp").path, folder.appending(path: "mail").path)
      let program = try Program(Repository.python, [Repository.oracle("smtp_lmtp").path, socket, maildir])
      defer { program.signal(SIGKILL) }
      _ = try await program.line(containing: "ready")
      let letters = (0..<20).map { letter(attempt: "a-\($0)", id: "m\($0).test@shop.example") }
      let server = SMTPServer(.unix(path: socket), language: .lmtp)
      await withSender(.init(server: server, timeouts: patient)) { sender in
        for letter in letters {
          let delivery = await sender.deliver(letter)
          #expect(delivery.kind == .accepted, "\(delivery)")
        }
      }
      #expect(try await Set(ReadMail.maildir(maildir).map { Array($0.bytes) }) == Set(letters.map(\.bytes)))
    }
  }

  @Test("a socket that is not there holds the sender")
  func missing() async throws {
    let server = SMTPServer(.unix(path: "/nonexistent/lmtp"), language: .lmtp)
    let delivery = await SMTPSender(configuration: .init(server: server)).deliver(letter())
    #expect(delivery.kind == .sender && delivery.error.hasPrefix("LMTP at /nonexistent/lmtp:"), "\(delivery)")
  }
}
