import Foundation
import Glibc
import TestKit
import Testing

/// The nudged that is called `sendmail`: from the confined unit to nudged-sendmail.socket.
@Suite("The way to sendmail", .timeLimit(.minutes(2))) struct SendmailClientTests {
  /// Takes all that the client says: it says no more, but keeps the connection, to hear the answer.
  private static let takes = "head -c \(said.utf8.count)"
  private static let said = "cart@shop.example\nann@example.com\n\(mail.utf8.count)\n\(mail)"
  private static let mail = "To: ann@example.com\n\nHello.\n.\nAnn\u{0}\n"

  @Test(
    "hands over sender, recipient, size and mail, and ends with the other side's code and words", arguments: [0, 75])
  func handsOver(code: Int) async throws {
    try await withTemporaryFolder { folder in
      let result = try await Self.send(in: folder, "\(Self.takes) >\(folder.path)/got; printf '\(code)\\nsaid\\n'")
      #expect(result.status == Int32(code))
      #expect(result.errorText.hasPrefix("said") && result.text.isEmpty)
      let got = try Data(contentsOf: folder.appending(path: "got"))
      #expect(got == Data(Self.said.utf8))
    }
  }

  @Test("nobody there, or nobody who takes the mail: surely not sent, so it may be tried again")
  func nobody() async throws {
    try await withTemporaryFolder { folder in
      let result = try await Self.call(in: folder, Self.arguments)
      #expect(result.status == 75)
      #expect(result.errorText.contains("systemctl enable --now nudged-sendmail.socket"))
    }
  }

  @Test("no answer: nobody knows, so it ends as if it had been killed", arguments: ["", "0", "what?\\nx"])
  func noAnswer(answer: String) async throws {
    try await withTemporaryFolder { folder in
      let result = try await Self.send(in: folder, "\(Self.takes) >/dev/null; printf '\(answer)'")
      #expect(result.status == SIGKILL, "\(result.errorText)")
    }
  }

  @Test(
    "anything but what nudged calls it with is a usage error, and nothing is handed over",
    arguments: [
      [], ["-t"], ["-i", "-f", "a", "b"], ["-i", "-f", "a", "--", "b", "c"], ["-i", "-f", "a\nb", "--", "c"],
      ["-i", "-f", "a", "--", "b\nc"],
    ])
  func usage(arguments: [String]) async throws {
    try await withTemporaryFolder { folder in
      let result = try await Self.call(in: folder, arguments)
      #expect(result.status == 64)
    }
  }

  @Test("the real way: through the relay that the socket unit runs, sendmail's code and words come back")
  func relay() async throws {
    try await withTemporaryFolder { folder in
      for code in [0, 67, 75] {
        try Self.install(
          "#!/bin/sh\necho \"$@\" >\(folder.path)/arguments\ncat >\(folder.path)/mail\necho no such user >&2\nexit \(code)\n",
          as: folder.appending(path: "real-sendmail"))
        let relay = Repository.root.appending(path: "systemd/sendmail-relay").path
        let result = try await Self.send(in: folder, "SENDMAIL=\(folder.path)/real-sendmail exec \(relay)")
        #expect(result.status == Int32(code) && result.errorText.contains("no such user"))
        let arguments = try String(contentsOf: folder.appending(path: "arguments"), encoding: .utf8)
        #expect(arguments == "-i -f cart@shop.example -- ann@example.com\n")
        #expect(try Data(contentsOf: folder.appending(path: "mail")) == Data(Self.mail.utf8))
      }
    }
  }

  @Test("a sendmail that was ended by a signal gives no answer: nobody knows")
  func killedRelay() async throws {
    try await withTemporaryFolder { folder in
      try Self.install("#!/bin/sh\ncat >/dev/null\nkill -9 $$\n", as: folder.appending(path: "real-sendmail"))
      let relay = Repository.root.appending(path: "systemd/sendmail-relay").path
      let result = try await Self.send(in: folder, "SENDMAIL=\(folder.path)/real-sendmail exec \(relay)")
      #expect(result.status == SIGKILL)
    }
  }

  // MARK: -

  private static let arguments = ["-i", "-f", "cart@shop.example", "--", "ann@example.com"]

  private static func install(_ script: String, as file: URL) throws {
    try script.write(to: file, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
  }

  private static func call(in folder: URL, _ arguments: [String]) async throws -> Program.Result {
    let link = folder.appending(path: "sendmail")
    try? FileManager.default.createSymbolicLink(at: link, withDestinationURL: Repository.program("nudged"))
    return try await Program.run(
      link, arguments, environment: ["NUDGED_SENDMAIL_SOCKET": folder.appending(path: "s").path],
      input: Data(mail.utf8))
  }

  /// Sends the mail to a socket where each connection runs that shell command, as systemd would.
  private static func send(in folder: URL, _ command: String) async throws -> Program.Result {
    let server = """
      import socket, subprocess, sys
      listener = socket.socket(socket.AF_UNIX)
      listener.bind(sys.argv[1])
      listener.listen()
      print("listening", flush=True)
      connection, _ = listener.accept()
      subprocess.run(["sh", "-c", sys.argv[2]], stdin=connection, stdout=connection)
      """
    try? FileManager.default.removeItem(at: folder.appending(path: "s"))
    let program = try Program(
      Repository.python, ["-c", server, folder.appending(path: "s").path, command])
    _ = try await program.line(containing: "listening")
    let result = try await call(in: folder, arguments)
    program.signal(SIGKILL)
    await program.end()
    return result
  }
}
