import Foundation
import NudgeDomain
import Synchronization
import TestKit
import Testing

@testable import NudgeMail

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
    Row("MAIL", "550 5.7.1 no mail from you", .sender), Row("MAIL", "550 no", .sender),
    Row("MAIL", "555 5.5.4 unsupported option SIZE", .sender), Row("MAIL", "450 4.7.1 not now", .sender),
    Row("MAIL", "503 AUTH command expected", .sender), Row("MAIL", "530 5.7.0 must authenticate", .sender),
    Row("RCPT", "421 closing", .sender), Row("RCPT", "452 insufficient storage", .sender),
    Row("RCPT", "452 4.3.1 full", .sender), Row("RCPT", "554 5.7.1 <ann@example.com>: Relay access denied", .sender),
    Row("RCPT", "550 relaying denied", .sender), Row("RCPT", "530 5.7.0 authentication required", .sender),
    Row("RCPT", "454 4.7.1 <ann@example.com>: Relay access denied", .sender),
    Row("RCPT", "550 5.7.54 Unable to relay recipient in non-accepted domain", .sender),
    Row("RCPT", "554 5.7.1 <localhost[127.0.0.1]>: Client host rejected: Access denied", .sender),
    Row("RCPT", "450 4.7.1 Client host rejected: cannot find your hostname", .sender),
    Row("RCPT", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.example", .sender),
    Row("RCPT", "553 5.7.1 <cart@shop.example>: Sender address rejected: not logged in", .sender),
    Row("RCPT", "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname", .sender),
    Row("RCPT", "523 5.7.10 Encryption needed", .sender), Row("RCPT", "550 5.7.25 no reverse name", .sender),
    Row("RCPT", "550 5.4.5 Daily sending quota exceeded", .sender),
    Row(".", "554 Message rejected: Email address is not verified.", .sender),
    Row(".", "554 Sending paused for this account.", .sender),
    Row(".", "454 Throttling failure: Daily message quota exceeded.", .sender),
    Row(".", "550 5.1.8 Access denied, bad outbound sender AS(42003)", .sender),
    Row(".", "554 5.3.5 the system is set up in a wrong way", .sender),
    // Our pace.
    Row(".", "454 Throttling failure: Maximum sending rate exceeded.", .throttled),
    Row("MAIL", "450 4.7.1 Error: too much mail from 127.0.0.1", .throttled),
    Row("", "421 4.7.0 rate limit reached, try again later", .throttled),
    Row("RCPT", "451 4.7.1 rate limit exceeded", .throttled),
    // The sender's address: that of one shop.
    Row("MAIL", "550 5.1.8 sender unknown", .message), Row("MAIL", "501 5.1.7 bad sender address syntax", .message),
    Row("MAIL", "553 no such domain", .message), Row("MAIL", "450 4.1.8 Domain not found", .message),
    Row("MAIL", "550 5.7.60 no permission to send as this sender", .message),
    Row("MAIL", "554 5.7.1 <cart@shop.example>: Sender address rejected: Access denied", .message),
    Row("RCPT", "450 4.1.8 <cart@shop.example>: Sender address rejected: Domain not found", .message),
    Row("RCPT", "553 5.7.1 <cart@shop.example>: Sender address rejected: not owned by user ann", .message),
    Row("RCPT", "550 5.7.27 the sender's domain takes no mail", .message),
    Row(".", "550 5.7.26 neither SPF nor DKIM", .message), Row(".", "550 5.7.23 SPF says no", .message),
    Row("DATA", "421 closing", .sender), Row(".", "421 4.3.2 closing", .sender), Row(".", "452 4.3.1 full", .sender),
    // The letter, for now.
    Row("RCPT", "450 4.2.0 greylisted", .message), Row("RCPT", "451 4.7.1 try again", .message),
    Row("RCPT", "452 4.2.2 mailbox full", .message), Row("RCPT", "552 mailbox full", .message),
    Row("RCPT", "552 5.2.2 mailbox full", .message), Row("RCPT", "503 bad sequence", .message),
    Row("DATA", "451 later", .message), Row("DATA", "250 what", .message), Row(".", "451 4.3.0 error", .message),
    Row(".", "450 later", .message),
    Row("RCPT", "450 4.2.1 is receiving mail too quickly: rate limit", .message),
    Row("RCPT", "450 4.1.1 unverified address", .message), Row(".", "552 5.2.2 quota exceeded", .message),
    Row(".", "552 mailbox is full", .message),
    // The letter, for good.
    Row("RCPT", "550 5.1.1 <x@y>: Recipient address rejected: User unknown in relay recipient table", .refused),
    Row("RCPT", "550 <relay@example.com> unknown", .refused),
    Row("RCPT", "550 <\"relay client host \"@example.com> unknown", .refused),
    Row("RCPT", "550 client host@relay.example?", .refused),
    Row("RCPT", "554 5.7.1 <ann@example.com>: Recipient address rejected: Access denied", .refused),
    Row("RCPT", "550 5.2.1 the account is disabled", .refused), Row("RCPT", "556 5.1.10 null MX", .refused),
    Row("MAIL", "552 5.3.4 too large", .refused), Row("MAIL", "552 too large", .refused),
    Row("RCPT", "550 5.1.1 no such user", .refused), Row("RCPT", "553 5.1.3 bad address", .refused),
    Row("RCPT", "501 syntax", .refused), Row("DATA", "554 no valid recipients", .refused),
    Row(".", "554 5.7.1 looks like spam", .refused), Row(".", "552 5.3.4 too large", .refused),
    Row(".", "552 too large", .refused), Row(".", "550 5.7.1 no", .refused),
    Row("EHLO", "250 SIZE 100", .accepted), Row("EHLO", "250-test\r\n250 SIZE 0", .accepted),
    Row("EHLO", "250-test\r\n250 SIZE", .accepted), Row("EHLO", "250-test\r\n250 SIZE lots", .accepted),
    Row("EHLO", "250-test\r\n250 SIZE 100", .refused),
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
    let server = try mailServer(row.replies)
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
    let server = try mailServer(["RCPT": "550-5.1.1 no\u{7f} such\r\n550 5.1.1 user \(long)"])
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
      ("2.0.0 <ann@shop.test> F4dfM09MA2uMAAAAg+zDdQ Saved", "F4dfM09MA2uMAAAAg+zDdQ"),
      ("2.0.0 <ann@shop.test> F4dfM09MA2uMAAAAg+zDdQ:2 Saved", "F4dfM09MA2uMAAAAg+zDdQ:2"),
    ] as [(String, String?)])
  func queueID(text: String, expected: String?) {
    #expect(SMTPReply(code: 250, lines: [text]).queueID == expected)
  }

  @Test("nobody at the port, or at no such host, holds the sender")
  func unreachable() async throws {
    let server = try mailServer()
    server.stop()
    #expect(await SMTPSender(configuration: .local(server.port)).deliver(letter()).kind == .sender)
    #expect(
      await SMTPSender(
        configuration: .init(server: SMTPServer(.tcp(host: "nudged.invalid", port: 25)))
      ).deliver(letter()).kind == .sender)
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
    let server = try mailServer(seen: seen)
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
    await withSender(to: try mailServer(["RCPT": "550 no"])) { sender in
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
    let server = try mailServer(seen: seen)
    await withSender(to: server) { sender in
      for _ in 0..<3 { #expect(await sender.deliver(letter()).kind == .accepted) }
      #expect(server.connections == 1)
      #expect(seen.verbs.filter { $0 == "RSET" }.count == 2)
    }
    #expect(seen.verbs.last == "QUIT")
  }

  @Test("a refused letter does not spoil the connection for the next one")
  func afterRefusal() async throws {
    let server = try mailServer(["RCPT": "550 no"])
    await withSender(to: server) { sender in
      for _ in 0..<3 { #expect(await sender.deliver(letter()).kind == .refused) }
      #expect(server.connections == 1)
    }
  }

  @Test("the server hears the mail's size, and nothing of eight bits, where it wants to hear of both")
  func size() async throws {
    let seen = Conversation()
    let server = try mailServer(["EHLO": "250-test\r\n250-8BITMIME\r\n250 SIZE 100000"], seen: seen)
    await withSender(to: server) { sender in
      for extra in [[], ["ä"]] {
        let letter = letter(extra: extra)
        #expect(await sender.deliver(letter).kind == .accepted)
        let body = extra.isEmpty ? "" : " BODY=8BITMIME"
        #expect(seen.all.contains("MAIL FROM:<cart@shop.example> SIZE=\(letter.bytes.count)\(body)\r\n"))
      }
    }
  }

  @Test("a server that says nothing of sizes and eight bits hears of neither, and gets no eight bits")
  func plainServer() async throws {
    let seen = Conversation()
    await withSender(to: try mailServer(["EHLO": "250 test"], seen: seen)) { sender in
      #expect(await sender.deliver(letter()).kind == .accepted)
      #expect(seen.all.contains("MAIL FROM:<cart@shop.example>\r\n"))
      #expect(await sender.deliver(letter(extra: ["ä"])).kind == .refused)
      #expect(!seen.all.joined().contains("ä"))
    }
  }

  @Test("we introduce ourselves with the name that we are given, else with one that means something")
  func name() async throws {
    for name in ["mail.shop.example", nil] {
      let seen = Conversation()
      await withSender(to: try mailServer(seen: seen), configure: { $0.hello = name }) { sender in
        #expect(await sender.deliver(letter()).kind == .accepted)
      }
      let said = try #require(seen.all.first)
      #expect(said == "EHLO \(name ?? MachineName.qualified ?? "[127.0.0.1]")\r\n")
    }
  }

  @Test(
    "a server that has enough of a connection gets the letter on a new one, and once",
    arguments: ["MAIL", "RCPT"], ["421 4.7.0 too many messages in this connection", "close", "reset"])
  func tired(verb: String, reply: String) async throws {
    let seen = Conversation()
    let server = try mailServer([verb: reply], afterLetters: 1, seen: seen)
    await withSender(to: server) { sender in
      for _ in 0..<3 { #expect(await sender.deliver(letter()).kind == .accepted) }
      #expect(server.connections == 3)
      #expect(seen.verbs.filter { $0 == "DATA" }.count == 3)
    }
  }

  @Test("a letter that ends the new connection too is not tried again")
  func tiredTwice() async throws {
    let server = try mailServer(["MAIL": "421 closing"])
    await withSender(to: server) { sender in
      #expect(await sender.deliver(letter()).kind == .sender)
      #expect(server.connections == 1)
    }
  }

  @Test("there are never more connections than configured, and every letter gets its turn")
  func limit() async throws {
    let server = try mailServer()
    await withSender(to: server, configure: { $0.connections = 2 }) { sender in
      await withTaskGroup { group in
        for _ in 0..<50 { group.addTask { #expect(await sender.deliver(letter()).kind == .accepted) } }
      }
      #expect(server.connections <= 2)
    }
  }

  @Test("a server that takes no further connection keeps getting letters on those it has")
  func crowded() async throws {
    let visitors = Mutex(0)
    let server = try ScriptedServer { line in
      let isWelcome = visitors.withLock { visitors in
        visitors += 1
        return visitors == 1
      }
      guard isWelcome else { return line.write("421 4.7.0 too many connections from 127.0.0.1\r\n") }
      line.write("220 hello\r\n")
      while let command = line.read(through: "\r\n") {
        line.write(command.hasPrefix("DATA") ? "354 go on\r\n" : "250 Ok\r\n")
        guard command.hasPrefix("DATA") else { continue }
        // Until the second one has been turned away, the first one is not done.
        while visitors.withLock({ $0 }) < 2 { sched_yield() }
        _ = line.read(through: "\r\n.\r\n")
        line.write("250 Ok\r\n")
      }
    }
    await withSender(to: server) { sender in
      await withTaskGroup { group in
        for _ in 0..<10 { group.addTask { #expect(await sender.deliver(letter()).kind == .accepted) } }
      }
    }
  }

  @Test("a letter that waits for a connection can be broken off")
  func brokenOff() async throws {
    let arrived = AsyncStream<Void>.makeStream()
    let server = try ScriptedServer { line in
      line.write("220 hello\r\n")
      _ = line.read(through: "\r\n")
      arrived.continuation.yield()
      line.waitForEnd()
    }
    await withSender(to: server, configure: { $0.connections = 1 }) { sender in
      let first = Task { await sender.deliver(letter()) }
      for await _ in arrived.stream { break }
      let second = Task { await sender.deliver(letter()) }
      second.cancel()
      #expect(await second.value.kind == .sender)
      first.cancel()
      #expect(await first.value.kind == .sender)
      #expect(server.connections == 1)
    }
  }

  @Test(
    "a connection that does not reset is replaced, and the letter goes out once",
    arguments: ["close", "421 bye", "what"])
  func stale(reply: String) async throws {
    let seen = Conversation()
    let server = try mailServer(["RSET": reply], seen: seen)
    await withSender(to: server) { sender in
      for _ in 0..<3 { #expect(await sender.deliver(letter()).kind == .accepted) }
      #expect(server.connections == 3)
      #expect(seen.verbs.filter { $0 == "DATA" }.count == 3)
    }
  }

  @Test("the old greeting is used where the new one is unknown")
  func oldServer() async throws {
    let seen = Conversation()
    await withSender(to: try mailServer(["EHLO": "500 what"], seen: seen)) { sender in
      #expect(await sender.deliver(letter()).kind == .accepted)
      #expect(seen.verbs.prefix(2) == ["EHLO", "HELO"])
    }
  }

  @Test("an address with a line end in it never becomes a command")
  func injection() async throws {
    let seen = Conversation()
    let server = try mailServer(seen: seen)
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
    let port = try #require(Int(ready.dropFirst("ready ".count)))
    try await withSender(.local(port)) { try await body($0, maildir, program) }
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
