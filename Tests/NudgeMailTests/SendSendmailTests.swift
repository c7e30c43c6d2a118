import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

@Suite("sendmail") struct SendSendmailTests {
  /// Runs `body` with a sender for a program made of `script`, and the folder that the program finds in `$0`'s place.
  private func withProgram(
    _ script: String, timeout: Duration = .seconds(600), body: (SendmailSender, URL) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let program = folder.appending(path: "sendmail")
      let text = "#!/bin/sh\ncd \"$(dirname \"$0\")\"\n\(script)\n"
      try Data(text.utf8).write(to: program)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
      try await body(SendmailSender(configuration: .init(path: program.path, timeout: timeout)), folder)
    }
  }

  @Test("the program gets the envelope as arguments and the mail with LF line ends")
  func hands() async throws {
    try await withProgram(#"printf '%s\n' "$@" > arguments; cat > mail; env > environment"#) { sender, folder in
      for letter in [letter(), largeLetter(bytes: 1_000_000)] {
        #expect(await sender.deliver(letter) == .accepted(providerID: nil))
        let arguments = try String(contentsOf: folder.appending(path: "arguments"), encoding: .utf8)
        #expect(arguments == "-i\n-f\ncart@shop.example\n--\nann@example.com\n")
        let mail = try Data(contentsOf: folder.appending(path: "mail"))
        #expect(Array(mail) == letter.bytesWithLineFeeds)
        #expect(!mail.contains(UInt8(ascii: "\r")))
      }
    }
  }

  @Test("a letter that was taken back starts no program")
  func takenBack() async throws {
    try await withProgram("cat > mail") { sender, folder in
      let delivery = await sender.deliver(letter()) { false }
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(delivery == nil && files == ["sendmail"])
    }
  }

  @Test("secrets stay out of the program's environment")
  func environment() async throws {
    let names = ["AWS_SECRET_ACCESS_KEY", "NUDGED_ANYTHING", "CREDENTIALS_DIRECTORY"]
    for name in names { setenv(name, "verysecret", 1) }
    defer { for name in names { unsetenv(name) } }
    try await withProgram("cat > mail; env > environment") { sender, folder in
      #expect(await sender.deliver(letter()).kind == .accepted)
      let environment = try String(contentsOf: folder.appending(path: "environment"), encoding: .utf8)
      #expect(environment.contains("PATH=") && !environment.contains("verysecret"))
    }
  }

  @Test("an exit code other than 0 is deferred, with what the program said", arguments: [1, 64, 67, 75, 78, 255])
  func codes(code: Int) async throws {
    try await withProgram("cat > mail; echo 'no such user' >&2; exit \(code)") { sender, _ in
      let delivery = await sender.deliver(letter())
      #expect(delivery.kind == .message && delivery.error.hasSuffix("exited with \(code): no such user"), "\(delivery)")
    }
  }

  @Test("a program that ends early is believed only if it says no")
  func early() async throws {
    try await withProgram("exit 64") { sender, _ in
      #expect(await sender.deliver(largeLetter(bytes: 1_000_000)).kind == .message)
    }
    try await withProgram("exit 0") { sender, _ in
      #expect(await sender.deliver(largeLetter(bytes: 1_000_000)).kind == .unknown)
    }
  }

  @Test(
    "a program that hangs is told to end, then killed, with all that it started, and nobody knows",
    arguments: [
      ("cat > mail; exec tail -f /dev/null", 15), ("exec tail -f /dev/null", 15),
      ("trap '' TERM; tail -f /dev/null & wait; tail -f /dev/null", 9),
      ("(trap '' TERM; echo > deaf; exec tail -f /dev/null) & exec tail -f /dev/null", 15),
    ])
  func hangs(script: String, signal: Int) async throws {
    // The mail is larger than a pipe, so that a program which reads nothing is waited for in the middle of it.
    try await withProgram("echo $$ > pid; \(script)", timeout: .seconds(2)) { sender, folder in
      let delivery = await sender.deliver(largeLetter(bytes: 1_000_000))
      // On a machine too busy to start the program in that time, there is nothing to see.
      guard let pid = try? String(contentsOf: folder.appending(path: "pid"), encoding: .utf8), !pid.isEmpty else {
        return
      }
      #expect(delivery.kind == .unknown && delivery.error.contains("signal \(signal)"), "\(delivery)")
      let group = try #require(pid_t(pid.trimmingCharacters(in: .whitespacesAndNewlines)))
      #expect(try await Self.ends(group))
    }
  }

  /// Waits until nobody of a group lives: a signal has been sent to all of it, and the kernel sees to it in its own time.
  private static func ends(_ group: pid_t) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while try !living(inGroup: group).isEmpty {
      guard ContinuousClock.now < deadline else { return false }
      await Task.yield()
    }
    return true
  }

  /// The processes of a group that have not ended, or have and nobody has asked.
  private static func living(inGroup group: pid_t) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { name in
      guard Int(name) != nil, let stat = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8) else {
        return false
      }
      let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
      return fields.count > 2 && fields[2] == "\(group)" && fields[0] != "Z"
    }
  }

  @Test("a program that somebody else kills leaves us in the dark")
  func killed() async throws {
    try await withProgram("cat > mail; kill -KILL $$") { sender, _ in
      let delivery = await sender.deliver(letter())
      #expect(delivery.kind == .unknown && delivery.error.contains("signal 9"), "\(delivery)")
    }
  }

  @Test("a program that leaves a child behind is waited for, its child is not")
  func child() async throws {
    try await withProgram("cat > mail; tail -f /dev/null & echo $! > pid; echo queued >&2; exit 0") { sender, folder in
      #expect(await sender.deliver(letter()).kind == .accepted)
      let pid = try String(contentsOf: folder.appending(path: "pid"), encoding: .utf8)
      kill(try #require(pid_t(pid.trimmingCharacters(in: .whitespacesAndNewlines))), SIGKILL)
    }
  }

  @Test("complaints without end are read, and kept in short")
  func complaints() async throws {
    try await withProgram("yes complaint | head -c 1000000 >&2; cat > mail; exit 75") { sender, _ in
      let delivery = await sender.deliver(letter())
      #expect(delivery.kind == .message && delivery.error.count <= longestErrorText, "\(delivery)")
    }
  }

  @Test("a program that cannot be started holds the sender")
  func missing() async throws {
    let missing = SendmailSender(configuration: .init(path: "/nonexistent/sendmail"))
    #expect(await missing.deliver(letter()).kind == .sender)
    let folder = SendmailSender(configuration: .init(path: "/tmp"))
    #expect(await folder.deliver(letter()).kind == .sender)
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "sendmail")
      try Data("#!/bin/sh\n".utf8).write(to: file)
      #expect(await SendmailSender(configuration: .init(path: file.path)).deliver(letter()).kind == .sender)
    }
  }

  @Test("an address that looks like an option never reaches the program")
  func option() async throws {
    var strange = letter()
    strange.sender = "-bv@shop.example"
    #expect(await SendmailSender(configuration: .init(path: "/bin/true")).deliver(strange).kind == .refused)
  }
}

/// dma, which delivers to the mailboxes of its tree's users.
enum DMA {
  /// Runs `body` with a sender that delivers in the foreground: the mail has arrived when the program ends.
  static func withSender(_ body: (SendmailSender, MailServer) async throws -> Void) async throws {
    try await MailServer.with(.dma) { server in
      let dma = server
      try await dma.withSendmail("-D") { try await body($0, dma) }
    }
  }
}

extension MailServer {
  /// The one mail with that id in the user's mailbox, without the headers that dma put on top. It is removed.
  func take(id: String, of user: String) async throws -> (mail: ReadMail, bytes: [UInt8]) {
    let mails = try await ReadMail.take(from: mailbox(of: user), messageID: "<\(id)>")
    try #require(mails.count == 1)
    return (mails[0], mails[0].bytesFromFrom)
  }
}

@Suite("dma as it comes from Debian", .enabled(if: MailServer.isPossible, MailServer.excuse))
struct SendDMATests {
  @Test("letters arrive in the user's mailbox, byte for byte below what dma adds")
  func mailbox() async throws {
    try await DMA.withSender { sender, server in
      for (id, letter) in try Letter.difficult(to: "ann") {
        #expect(await sender.deliver(letter) == .accepted(providerID: nil))
        let (mail, bytes) = try await server.take(id: id, of: "ann")
        #expect(mail.defects.isEmpty)
        // An mbox quotes a line that begins with `From `, quoted or not.
        let expected = String(decoding: letter.bytes, as: UTF8.self).replacing(
          #/\r\n(>*)From /#, with: { "\r\n>\($0.1)From " })
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
      }
    }
  }

  @Test("a user that it does not know is no more than a reason to try again")
  func unknown() async throws {
    try await DMA.withSender { sender, server in
      let delivery = await sender.deliver(letter(to: "nobody-here@\(MailServer.domain)"))
      #expect(delivery.kind == .message && delivery.error.contains("nobody-here"), "\(delivery)")
      #expect(!FileManager.default.fileExists(atPath: server.mailbox(of: "nobody-here")))
    }
  }
}
