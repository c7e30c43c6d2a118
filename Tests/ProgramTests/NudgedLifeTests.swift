import Foundation
import NudgeAPI
import TestKit
import Testing

@Suite("nudged, from start to end", .serialized) struct NudgedLifeTests {
  private static let checkout = #"{"checkout_id": "c-1", "email": "ann@example.com"}"#

  @Test("the socket is for the owner and the group, the state for nobody else")
  func permissions() async throws {
    try await withNudged { nudged in
      let files = FileManager.default
      func mode(_ path: String) throws -> Int? {
        try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      }
      let state = nudged.folder.appending(path: "state").path
      let modes = try [nudged.socket, state, "\(state)/nudged.db"].map(mode)
      #expect(modes == [0o660, 0o750, 0o640])
    }
  }

  @Test("the log tells what an operator did, and who it was; what a shop tells or asks is no such thing")
  func operators() async throws {
    try await withNudged { nudged in
      _ = try await nudged.send(.post, "/checkout", Self.checkout)
      _ = try await nudged.send(.get, "/status")
      _ = try await nudged.send(.post, "/check")
      _ = try await nudged.send(.post, "/pause")
      let end = await nudged.stop()
      let lines = end.errorText.split(separator: "\n").filter { $0.contains("An operator acted") }
      #expect(lines.count == 1)
      #expect(lines.first?.contains(#"action="POST /pause" answer=200"#) == true)
      #expect(lines.first?.contains("pid=\(getpid()) uid=\(getuid())") == true)
    }
  }

  @Test("a mail is in the Maildir, and the log names no address")
  func mail() async throws {
    try await withNudged(schedule: "20ms") { nudged in
      let reply = try await nudged.send(.post, "/checkout", Self.checkout)
      #expect(reply.status == 202)
      _ = try await nudged.program.line(containing: "Mail is sent")
      let mails = try FileManager.default.contentsOfDirectory(atPath: nudged.outbox.path)
      #expect(mails.count == 1)
      let mail = try String(contentsOf: nudged.outbox.appending(path: mails[0]), encoding: .utf8)
      #expect(mail.contains("To: ann@example.com"))
      let end = await nudged.stop()
      #expect(end.status == 0)
      #expect(!end.errorText.contains("@"))
      #expect(end.output.isEmpty)
    }
  }

  @Test("a second daemon on the same state directory refuses to start, and says why")
  func second() async throws {
    try await withNudged { nudged in
      let yaml = try String(contentsOf: nudged.folder.appending(path: "nudged.yaml"), encoding: .utf8)
      let other = try NudgedProgram.start(in: nudged.folder, yaml: yaml)
      let end = await other.end()
      #expect(end.status == 75)
      #expect(end.errorText.contains("Another nudged works on the state directory"))
      #expect(try await nudged.send(.get, "/healthz").status == 200, "the first one goes on")
    }
  }

  @Test("an event is on disk once it is acknowledged: SIGKILL right after the reply loses nothing")
  func durability() async throws {
    try await withTemporaryFolder { folder in
      for round in 1...10 {
        let nudged = try await NudgedProgram(in: folder, yaml: "")
        let body = #"{"checkout_id": "c-\#(round)", "email": "ann@example.com"}"#
        let reply = try await nudged.send(.post, "/checkout", body)
        nudged.program.signal(SIGKILL)
        #expect(reply.status == 202)
        #expect(await nudged.program.end().status == SIGKILL)
      }
      let nudged = try await NudgedProgram(in: folder, yaml: "")
      for round in 1...10 {
        #expect(try await nudged.send(.get, "/checkouts/c-\(round)").status == 200)
      }
      #expect(await nudged.stop().status == 0)
    }
  }

  @Test("SIGTERM and SIGINT end it with 0, and the socket is gone", arguments: [SIGTERM, SIGINT])
  func ends(signal: Int32) async throws {
    try await withNudged { nudged in
      nudged.program.signal(signal)
      #expect(await nudged.program.end().status == 0)
      #expect(!FileManager.default.fileExists(atPath: nudged.socket))
    }
  }

  @Test("SIGTERM waits for the mail that is being handed over, and settles it")
  func drains() async throws {
    try await withTemporaryFolder { folder in
      let gate = folder.appending(path: "gate").path
      #expect(mkfifo(gate, 0o600) == 0)
      let sendmail = folder.appending(path: "sendmail")
      try "#!/bin/sh\necho begun >&2\ncat \(gate) >/dev/null\ncat >/dev/null\n".write(
        to: sendmail, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: sendmail.path)
      let yaml = """
        sender: { transport: sendmail, sendmail: { path: \(sendmail.path) } }
        shops: { default: { from: cart@shop.example, schedule: [10ms] } }
        """
      let nudged = try await NudgedProgram(in: folder, yaml: yaml)
      _ = try await nudged.send(.post, "/checkout", Self.checkout)
      // The gate opens for writing once sendmail reads from it: then the hand-over is under way.
      let writer = try await Self.opened(gate)
      nudged.program.signal(SIGTERM)
      _ = try await nudged.program.line(containing: "nudged stops")
      close(writer)
      let end = await nudged.program.end()
      #expect(end.status == 0)
      #expect(end.errorText.contains("Mail is sent"))
    }
  }

  /// Opens a named pipe for writing, which waits for its reader.
  private static func opened(_ path: String) async throws -> Int32 {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: open(path, O_WRONLY)) }
    }
  }

  @Test("what was being handed over when it was killed is unknown after the restart, and not sent again")
  func killedInFlight() async throws {
    try await withTemporaryFolder { folder in
      let gate = folder.appending(path: "gate").path
      #expect(mkfifo(gate, 0o600) == 0)
      let sendmail = folder.appending(path: "sendmail")
      try "#!/bin/sh\ncat \(gate) >/dev/null\n".write(to: sendmail, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: sendmail.path)
      let shop = "shops: { default: { from: cart@shop.example, schedule: [10ms] } }"
      let first = try await NudgedProgram(
        in: folder, yaml: "sender: { transport: sendmail, sendmail: { path: \(sendmail.path) } }\n\(shop)")
      _ = try await first.send(.post, "/checkout", Self.checkout)
      let writer = try await Self.opened(gate)
      first.program.signal(SIGKILL)
      close(writer)
      await first.program.end()
      let second = try await NudgedProgram(in: folder, yaml: shop)
      _ = try await second.program.line(containing: "in the middle of a hand-over")
      let message = try await second.send(.get, "/messages/m-1").body
      #expect(message.contains(#""state":"unknown""#))
      #expect(await second.stop().status == 0)
      #expect(!FileManager.default.fileExists(atPath: second.outbox.path))
    }
  }
}
