import Foundation
import NudgeAPI
import TestKit
import Testing

@Suite("nudged and its configuration", .serialized) struct NudgedConfigurationTests {
  private func check(_ yaml: String, environment: [String: String] = [:]) async throws -> Program.Result {
    try await withTemporaryFolder { folder in
      let program = try NudgedProgram.start(
        in: folder, yaml: yaml, arguments: ["--check-config"], environment: environment)
      let end = await program.end()
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "state").path), "a check leaves nothing")
      return end
    }
  }

  @Test("a good configuration is checked with 0")
  func good() async throws {
    let end = try await check("sender: { rate: 3 }")
    #expect(end.status == 0)
    #expect(end.errorText.isEmpty)
  }

  @Test("a bad one with 78, and each mistake with file, line and key on a line of standard error")
  func bad() async throws {
    let end = try await check("sender:\n  rat: 3\nretry: { attempts: no }")
    #expect(end.status == 78)
    #expect(end.errorText.contains("nudged.yaml:2: sender.rat: unknown key; did you mean \"rate\"?\n"))
    #expect(end.errorText.contains("nudged.yaml:3: retry.attempts: "))
    #expect(end.output.isEmpty)
  }

  @Test("keys for SES that cannot be read, and a sendmail that is not there, are mistakes")
  func surroundings() async throws {
    let noKeys = ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "CREDENTIALS_DIRECTORY": ""]
    let ses = try await check("sender: { transport: ses, ses: { credentials_file: /no/such } }", environment: noKeys)
    #expect(ses.status == 78)
    #expect(ses.errorText.contains("sender.ses.credentials_file: "))
    let sendmail = try await check("sender: { transport: sendmail, sendmail: { path: /no/such } }")
    #expect(sendmail.status == 78)
    #expect(sendmail.errorText.contains("sender.sendmail.path: "))
  }

  @Test("a template with a slip is a mistake, with its file and the variable")
  func template() async throws {
    try await withTemporaryFolder { folder in
      let templates = folder.appending(path: "mine/reminder")
      try FileManager.default.createDirectory(at: templates, withIntermediateDirectories: true)
      try "Hi {{nmae}}".write(to: templates.appending(path: "subject.txt"), atomically: true, encoding: .utf8)
      let program = try NudgedProgram.start(
        in: folder, yaml: "shops: { default: { templates: mine } }", arguments: ["--check-config"])
      let end = await program.end()
      #expect(end.status == 78)
      #expect(end.errorText.contains("mine/reminder/subject.txt"))
      #expect(end.errorText.contains("nmae"))
    }
  }

  @Test("a daemon with a bad configuration does not start, and exits with 78")
  func start() async throws {
    try await withTemporaryFolder { folder in
      let program = try NudgedProgram.start(in: folder, yaml: "shops: nonsense")
      let end = await program.end()
      #expect(end.status == 78)
      #expect(end.errorText.contains("nudged cannot start"))
    }
  }

  @Test("SIGHUP puts a new configuration in force; a bad one is refused and the old one stays")
  func reload() async throws {
    try await withNudged(schedule: "30m") { nudged in
      try NudgedProgram.write("shops: { default: { schedule: [10ms] } }", in: nudged.folder)
      nudged.program.signal(SIGHUP)
      _ = try await nudged.program.line(containing: "The configuration is reloaded")
      try NudgedProgram.write("shops: { default: { schedule: [never] } }", in: nudged.folder)
      nudged.program.signal(SIGHUP)
      _ = try await nudged.program.line(containing: "the old one stays")
      _ = try await nudged.send(.post, "/checkout", #"{"checkout_id": "c-1", "email": "ann@example.com"}"#)
      _ = try await nudged.program.line(containing: "Mail is sent")
      #expect(await nudged.stop().status == 0)
    }
  }

  @Test("SIGHUP takes all templates or none: one that is broken, in whatever language, leaves the others as they were")
  func templates() async throws {
    try await withNudged { nudged in
      func write(_ file: String, _ text: String) throws {
        let url = nudged.folder.appending(path: "mails/\(file)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
      }
      func subject(_ locale: String) async throws -> Bool {
        let body = #"{"kind": "reminder", "locale": "\#(locale)"}"#
        return try await nudged.send(.post, "/preview", body).body.contains("first \(locale)")
      }
      try write("reminder/subject.txt", "first en")
      try write("de/reminder/subject.txt", "first de")
      try NudgedProgram.write("shops: { default: { from: a@shop.example, templates: mails } }", in: nudged.folder)
      nudged.program.signal(SIGHUP)
      _ = try await nudged.program.line(containing: "The configuration is reloaded")
      try write("reminder/subject.txt", "second en")
      try write("de/reminder/subject.txt", "second de")
      try write("fr-CA/order/body.txt", "{{nmae}}")
      nudged.program.signal(SIGHUP)
      _ = try await nudged.program.line(containing: "fr-CA/order/body.txt:1: nmae: no event carries it")
      _ = try await nudged.program.line(containing: "the old one stays")
      let (english, german) = (try await subject("en"), try await subject("de"))
      #expect(english && german)
    }
  }

  @Test(
    "the service manager hears READY, RELOADING, READY, STOPPING, and that nudged lives; the journal gets priorities")
  func manager() async throws {
    try await withTemporaryFolder { folder in
      let notify = folder.appending(path: "notify").path
      let listener = try Program(
        Repository.python,
        [
          "-c",
          """
          import socket, sys
          s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
          s.bind(sys.argv[1])
          print("bound", flush=True)
          told = ""
          while not told.startswith("STOPPING"):
              told = s.recv(4096).decode()
              print(told.replace("\\n", "|"), flush=True)
          """, notify,
        ])
      _ = try await listener.line(containing: "bound")
      let nudged = try await NudgedProgram(
        in: folder, yaml: "",
        environment: ["NOTIFY_SOCKET": notify, "JOURNAL_STREAM": "8:1", "WATCHDOG_USEC": "3600000000"])
      _ = try await listener.line(containing: "WATCHDOG=1")
      _ = try await listener.line(containing: "STATUS=Takes events, sends by maildir; next due nothing")
      nudged.program.signal(SIGHUP)
      _ = try await nudged.program.line(containing: "The configuration is reloaded")
      let end = await nudged.stop()
      #expect(end.status == 0)
      #expect(end.errorText.hasPrefix("<5>nudged is ready"))
      let told = await listener.end().text.split(separator: "\n").dropFirst().map { $0.split(separator: "|")[0] }
      let states = told.filter { !$0.hasPrefix("STATUS=") && $0 != "WATCHDOG=1" }
      #expect(states == ["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"])
    }
  }

  @Test("the version is told, and a wrong flag is a mistake of usage")
  func arguments() async throws {
    let version = try await Program.run(Repository.program("nudged"), ["--version"])
    #expect(version.status == 0)
    #expect(version.text.contains(/^\d+\.\d+\.\d+/))
    #expect(try await Program.run(Repository.program("nudged"), ["--colour"]).status == 64)
  }
}
