import Foundation
import NudgeDomain
import Synchronization
import TestKit
import Testing

@testable import NudgeMail

/// A server that answers each command with what `replies` has for its verb, else well. The greeting's verb is empty, the
/// mail's is `.`. A reply may be several lines, or one of the words `hang`, `close`, `reset`.
private func server(
  _ replies: [String: String] = [:], seen: Conversation = Conversation()
) throws -> ScriptedServer {
  try ScriptedServer { line in
    let good = ["": "220 hello", "EHLO": "250-test\r\n250 SIZE 100000", "DATA": "354 go on", "QUIT": "221 bye"]
    func reply(to verb: String) -> Bool {
      switch replies[verb] ?? good[verb] ?? "250 2.0.0 Ok" {
      case "hang": line.waitForEnd()
      case "close": return false
      case "reset": line.reset()
      case let text:
        line.write(text + "\r\n")
        return verb != "QUIT"
      }
      return false
    }
    guard reply(to: "") else { return }
    while let command = line.read(through: "\r\n") {
      seen.add(command)
      let verb = String(command.prefix { $0 != " " && $0 != "\r\n" })
      guard reply(to: verb) else { return }
      guard verb == "DATA", (replies["DATA"] ?? "354").hasPrefix("354") else { continue }
      guard let mail = line.read(through: "\r\n.\r\n") else { return }
      seen.add(mail)
      guard reply(to: ".") else { return }
    }
  }
}

private final class Conversation: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }
  var verbs: [String] { all.map { String($0.prefix { $0 != " " && $0 != "\r\n" && $0 != ":" }) } }

  func add(_ line: String) { lines.withLock { $0.append(line) } }
}

/// A machine that is busy with other tests is not what is tested.
private let patient = SMTPSender.Timeouts(
  connect: .seconds(600), command: .seconds(600), content: .seconds(600), verdict: .seconds(600))

private func withSender(
  to server: ScriptedServer, timeouts: SMTPSender.Timeouts = patient, body: (SMTPSender) async throws -> Void
) async rethrows {
  let sender = SMTPSender(configuration: .init(port: server.port, timeouts: timeouts))
  do {
    try await body(sender)
  } catch {
    await sender.shutdown()
    server.stop()
    throw error
  }
  await sender.shutdown()
  server.stop()
}

@Suite("SMTP's replies") struct SendSMTPReplyTests {
  struct Row: CustomTestStringConvertible, Sendable {
    var replies: [String: String]
    var expected: Kind

    init(_ verb: String, _ reply: String, _ expected: Kind) {
      replies = [verb: reply]
      self.expected = expected
    }

    var testDescription: String { "\(replies) is \(expected)" }
  }

  static let rows: [Row] = [
    Row(".", "250 2.0.0 Ok: queued as 4FxyZ1", .accepted), Row(".", "250-first\r\n250 second", .accepted),
    Row("RCPT", "251 will forward", .accepted), Row("EHLO", "502 what", .accepted),
    // The server, or we.
    Row("", "421 4.3.2 closing", .sender), Row("", "554 5.7.1 no service for you", .sender),
    Row("", "450 later", .sender), Row("EHLO", "421 closing", .sender), Row("EHLO", "450 later", .sender),
    Row("MAIL", "421 closing", .sender), Row("MAIL", "451 4.3.0 error", .sender), Row("MAIL", "452 full", .sender),
    Row("MAIL", "550 5.1.8 sender unknown", .sender), Row("MAIL", "530 5.7.0 must authenticate", .sender),
    Row("RCPT", "421 closing", .sender), Row("RCPT", "452 insufficient storage", .sender),
    Row("RCPT", "452 4.3.1 full", .sender), Row("RCPT", "554 5.7.1 <ann@example.com>: Relay access denied", .sender),
    Row("RCPT", "550 relaying denied", .sender), Row("RCPT", "530 5.7.0 authentication required", .sender),
    Row("DATA", "421 closing", .sender), Row(".", "421 4.3.2 closing", .sender), Row(".", "452 4.3.1 full", .sender),
    // The letter, for now.
    Row("RCPT", "450 4.2.0 greylisted", .message), Row("RCPT", "451 4.7.1 try again", .message),
    Row("RCPT", "452 4.2.2 mailbox full", .message), Row("RCPT", "552 mailbox full", .message),
    Row("RCPT", "552 5.2.2 mailbox full", .message), Row("RCPT", "503 bad sequence", .message),
    Row("DATA", "451 later", .message), Row("DATA", "250 what", .message), Row(".", "451 4.3.0 error", .message),
    Row(".", "450 later", .message),
    // The letter, for good.
    Row("MAIL", "552 5.3.4 too large", .refused), Row("MAIL", "552 too large", .refused),
    Row("RCPT", "550 5.1.1 no such user", .refused), Row("RCPT", "553 5.1.3 bad address", .refused),
    Row("RCPT", "501 syntax", .refused), Row("DATA", "554 no valid recipients", .refused),
    Row(".", "554 5.7.1 looks like spam", .refused), Row(".", "552 5.3.4 too large", .refused),
    Row(".", "552 too large", .refused), Row(".", "550 5.7.1 no", .refused),
    Row("EHLO", "250 SIZE 100", .accepted), Row("EHLO", "250-test\r\n250 SIZE 100", .refused),
    // Before the mail's end.
    Row("", "close", .sender), Row("", "reset", .sender), Row("EHLO", "close", .sender), Row("", "hang", .sender),
    Row("EHLO", "hang", .sender), Row("MAIL", "close", .sender), Row("MAIL", "hang", .sender),
    Row("RCPT", "close", .message), Row("RCPT", "reset", .message), Row("RCPT", "hang", .message),
    Row("DATA", "close", .message), Row("DATA", "hang", .message), Row("RCPT", "garbage", .message),
    Row("", "SSH-2.0-OpenSSH", .sender), Row("", "HTTP/1.1 400 Bad", .sender), Row("RCPT", "250-a\r\n251 b", .message),
    Row("RCPT", String(repeating: "2", count: 10_000), .message),
    Row("RCPT", Array(repeating: "250-x", count: 1_000).joined(separator: "\r\n"), .message),
    // After it.
    Row(".", "close", .unknown), Row(".", "reset", .unknown), Row(".", "hang", .unknown), Row(".", "what", .unknown),
    Row(".", "354 go on", .unknown), Row(".", "250-half\r\nclose", .unknown), Row(".", "999 strange", .unknown),
    Row(".", String(repeating: "2", count: 10_000), .unknown),
  ]

  @Test("each reply is one outcome, and the connection's end at each step too", arguments: rows)
  func row(_ row: Row) async throws {
    let server = try server(row.replies)
    var timeouts = patient
    if row.replies == [".": "hang"] {
      timeouts.verdict = .milliseconds(200)
    } else if row.replies.values.contains("hang") {
      timeouts.command = .seconds(2)
    }
    await withSender(to: server, timeouts: timeouts) { sender in
      let delivery = await sender.deliver(letter())
      #expect(delivery.kind == row.expected, "\(delivery)")
      #expect(server.connections == 1)
    }
  }

  @Test("an error keeps the step, the code and the enhanced code, in one short line")
  func words() async throws {
    let long = String(repeating: "x", count: 900)
    let server = try server(["RCPT": "550-5.1.1 no\u{7f} such\r\n550 5.1.1 user \(long)"])
    await withSender(to: server) { sender in
      let error = await sender.deliver(letter()).error
      #expect(error.hasPrefix("RCPT TO: 550 5.1.1 no such 5.1.1 user xxx"))
      #expect(error.count <= longestErrorText)
    }
  }

  @Test(
    "the server's name for a mail is found in the common ways to tell it",
    arguments: [
      ("2.0.0 Ok: queued as 4Fxy-Z1", "4Fxy-Z1"), ("OK id=1oX2-0003-Ab", "1oX2-0003-Ab"),
      ("2.0.0 3AMCU7xx Message accepted for delivery", "3AMCU7xx"), ("2.0.0 Ok", nil),
    ] as [(String, String?)])
  func queueID(text: String, expected: String?) {
    #expect(SMTPReply(code: 250, lines: [text]).queueID == expected)
  }

  @Test("nobody at the port, or at no such host, holds the sender")
  func unreachable() async throws {
    let server = try server()
    server.stop()
    #expect(await SMTPSender(configuration: .init(port: server.port)).deliver(letter()).kind == .sender)
    #expect(await SMTPSender(configuration: .init(host: "nudged.invalid")).deliver(letter()).kind == .sender)
  }

  @Test("a cancelled hand-over is unknown once the mail's end is written")
  func cancelled() async throws {
    let arrived = AsyncStream<Void>.makeStream()
    let server = try ScriptedServer { line in
      line.write("220 hello\r\n")
      for reply in ["250 Ok", "250 Ok", "250 Ok", "354 go on"] {
        _ = line.read(through: "\r\n")
        line.write(reply + "\r\n")
      }
      _ = line.read(through: "\r\n.\r\n")
      arrived.continuation.yield()
      line.waitForEnd()
    }
    await withSender(to: server) { sender in
      let task = Task { await sender.deliver(letter()) }
      for await _ in arrived.stream { break }
      task.cancel()
      #expect(await task.value.kind == .unknown)
    }
  }
}

@Suite("SMTP's connections") struct SendSMTPConnectionTests {
  @Test("a letter can be taken back until the server is asked to take it, and the connection serves the next one")
  func takenBack() async throws {
    let seen = Conversation()
    let server = try server(seen: seen)
    await withSender(to: server) { sender in
      let delivery = await sender.deliver(letter()) {
        #expect(seen.verbs == ["EHLO", "MAIL", "RCPT"])
        return false
      }
      #expect(delivery == nil)
      #expect(await sender.deliver(letter()).kind == .accepted)
      #expect(seen.verbs.prefix(7) == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA"])
      #expect(server.connections == 1)
    }
  }

  @Test("a hand-over that ends before the server is asked to take the letter does not ask whether it may leave")
  func notAsked() async throws {
    await withSender(to: try server(["RCPT": "550 no"])) { sender in
      let delivery = await sender.deliver(letter()) {
        Issue.record("nothing was about to leave")
        return true
      }
      #expect(delivery?.kind == .refused)
    }
  }

  @Test("letters follow each other on one connection, each after a reset")
  func reuse() async throws {
    let seen = Conversation()
    let server = try server(seen: seen)
    await withSender(to: server) { sender in
      for _ in 0..<3 { #expect(await sender.deliver(letter()).kind == .accepted) }
      #expect(server.connections == 1)
      #expect(seen.verbs.filter { $0 == "RSET" }.count == 2)
    }
    #expect(seen.verbs.last == "QUIT")
  }

  @Test("a refused letter does not spoil the connection for the next one")
  func afterRefusal() async throws {
    let server = try server(["RCPT": "550 no"])
    await withSender(to: server) { sender in
      for _ in 0..<3 { #expect(await sender.deliver(letter()).kind == .refused) }
      #expect(server.connections == 1)
    }
  }

  @Test(
    "a connection that does not reset is replaced, and the letter goes out once",
    arguments: ["close", "421 bye", "what"])
  func stale(reply: String) async throws {
    let seen = Conversation()
    let server = try server(["RSET": reply], seen: seen)
    await withSender(to: server) { sender in
      for _ in 0..<3 { #expect(await sender.deliver(letter()).kind == .accepted) }
      #expect(server.connections == 3)
      #expect(seen.verbs.filter { $0 == "DATA" }.count == 3)
    }
  }

  @Test("the old greeting is used where the new one is unknown")
  func oldServer() async throws {
    let seen = Conversation()
    await withSender(to: try server(["EHLO": "500 what"], seen: seen)) { sender in
      #expect(await sender.deliver(letter()).kind == .accepted)
      #expect(seen.verbs.prefix(2) == ["EHLO", "HELO"])
    }
  }

  @Test("an address with a line end in it never becomes a command")
  func injection() async throws {
    let seen = Conversation()
    let server = try server(seen: seen)
    await withSender(to: server) { sender in
      for recipient in [
        "a@b.example>\r\nDATA", "a@b.example\nRSET", "a b@c.example", "ä@b.example", "", "<a@b.example>",
      ] {
        var strange = letter()
        strange.recipient = recipient
        #expect(await sender.deliver(strange).kind == .refused)
      }
      var bare = letter()
      bare.bytes += Array("\n.\nMAIL FROM:<eve@example.com>\r\n".utf8)
      #expect(await sender.deliver(bare).kind == .refused)
      #expect(server.connections == 0)
    }
  }

  @Test("dots at line starts are doubled, and the last line is ended")
  func dots() {
    var letter = letter()
    letter.bytes = Array(".\r\n..a\r\n.b\r\nc.\r\n\r\n.".utf8)
    #expect(String(decoding: letter.contentForSMTP, as: UTF8.self) == "..\r\n...a\r\n..b\r\nc.\r\n\r\n..\r\n")
  }
}

/// Runs `body` with a sender for an aiosmtpd that puts its mails into the Maildir at the path.
func withAiosmtpd(_ body: (SMTPSender, _ maildir: String, Program) async throws -> Void) async throws {
  try await withTemporaryFolder { folder in
    let maildir = folder.appending(path: "mail").path
    let program = try Program(Repository.python, [Repository.oracle("smtp_server").path, maildir])
    defer { program.signal(SIGKILL) }
    let ready = try await program.line(containing: "ready ")
    let sender = SMTPSender(
      configuration: .init(port: try #require(Int(ready.dropFirst("ready ".count))), timeouts: patient))
    try await body(sender, maildir, program)
  }
}

@Suite("aiosmtpd, an independent SMTP server") struct SendAiosmtpdTests {
  @Test("mails arrive byte for byte, a hundred at a time, and Python reads them without a defect")
  func mails() async throws {
    try await withAiosmtpd { sender, maildir, program in
      let letters =
        (0..<100).map { letter(attempt: "a-\($0)", id: "m\($0).test@shop.example") } + [largeLetter(bytes: 500_000)]
      await withTaskGroup { group in
        for letter in letters {
          group.addTask {
            let delivery = await sender.deliver(letter)
            #expect(delivery.kind == .accepted && delivery.providerID != nil, "\(delivery)")
          }
        }
      }
      await sender.shutdown()
      #expect(try await program.line(containing: "from ") == "from cart@shop.example to ann@example.com")
      let mails = try await ReadMail.maildir(maildir)
      #expect(mails.flatMap(\.defects).isEmpty)
      #expect(Set(mails.map { Array($0.bytes) }) == Set(letters.map(\.bytes)))
      #expect(mails.count == letters.count)
    }
  }
}
