import Foundation
import NudgeAPI
import TestKit
import Testing

@Suite("nudged and its secrets", .serialized) struct NudgedSecretsTests {
  private static let keys = [
    "AWS_ACCESS_KEY_ID": "AKIDMARKER", "AWS_SECRET_ACCESS_KEY": "marker/secret/0123456789",
    "AWS_SESSION_TOKEN": "marker+token+0123456789==", "CREDENTIALS_DIRECTORY": "",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "marker+container",
  ]

  private static func shows(_ bytes: Data) -> Bool { bytes.range(of: Data("marker".utf8)) != nil }

  /// What the system shows of a process to others.
  private static func visible(_ process: Int32) throws -> Data {
    try ["cmdline", "environ", "comm", "status"].reduce(into: Data()) { all, name in
      all += try #require(FileManager.default.contents(atPath: "/proc/\(process)/\(name)"))
    }
  }

  @Test("a server that repeats them puts them nowhere: not in the log, the API, the database, nor the process list")
  func repeated() async throws {
    try await withTemporaryFolder { folder in
      let server = try Program(Repository.python, [Repository.oracle("ses_echo").path])
      defer { server.signal(SIGKILL) }
      let url = try await server.line(containing: "ready ").dropFirst("ready ".count)
      let yaml = """
        sender: { transport: ses, max_in_flight: 1, ses: { endpoint: "\(url)" } }
        shops: { default: { from: cart@shop.example, schedule: [10ms] } }
        """
      let nudged = try await NudgedProgram(
        in: folder, yaml: yaml, environment: Self.keys.merging(["NUDGED_LOG": "trace"]) { $1 })
      for id in 1...6 {
        try await nudged.send(.post, "/checkout", #"{"checkout_id": "c-\#(id)", "email": "a\#(id)@example.com"}"#)
      }
      _ = try await nudged.program.line(containing: "mail is held")
      var said = ""
      for path in ["/status", "/metrics", "/messages?limit=100", "/checkouts?limit=100"] {
        said += try await nudged.send(.get, path).body
      }
      said += try await nudged.send(.post, "/check").body
      #expect(said.contains("SES 403, SignatureDoesNotMatch: (secret)"), "\(said)")
      #expect(said.contains("MessageRejected: (secret)") && said.contains("InternalFailure: (secret)"))
      #expect(!said.contains("marker"))
      #expect(try !Self.shows(Self.visible(nudged.program.processIdentifier)))
      let end = await nudged.stop()
      #expect(end.status == 0)
      #expect(end.errorText.contains("SignatureDoesNotMatch: (secret)"))
      #expect(!Self.shows(end.error) && !Self.shows(end.output))
      let state = folder.appending(path: "state").path
      for name in try FileManager.default.contentsOfDirectory(atPath: state) {
        let bytes = try #require(FileManager.default.contents(atPath: "\(state)/\(name)"))
        #expect(!Self.shows(bytes), "\(name)")
      }
    }
  }

  @Test("wrong ones stop the start without being shown")
  func wrong() async throws {
    try await withTemporaryFolder { folder in
      let keys = folder.appending(path: "keys")
      try Data("[default]\naws_access_key_id = A\naws_secret_access_key = marker key\n".utf8).write(to: keys)
      let yaml = "sender: { transport: ses, ses: { credentials_file: keys } }"
      for arguments in [[], ["--check-config"]] {
        let end = await (try NudgedProgram.start(in: folder, yaml: yaml, arguments: arguments)).end()
        #expect(end.status == 78)
        #expect(end.errorText.contains("\(keys.path):3: aws_secret_access_key holds a character that no key has"))
        #expect(!Self.shows(end.error))
      }
    }
  }

  @Test("a check asks no service for keys, and a start without any waits for them")
  func services() async throws {
    try await withTemporaryFolder { folder in
      let yaml = """
        sender: { transport: ses, ses: { endpoint: "http://127.0.0.1:1" } }
        shops: { default: { from: cart@shop.example, schedule: [10ms] } }
        """
      let none = Dictionary(uniqueKeysWithValues: Self.keys.keys.map { ($0, "") })
      // Nobody answers at that port.
      let environment = none.merging(
        ["HOME": folder.path, "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"]) { $1 }
      let check = try NudgedProgram.start(
        in: folder, yaml: yaml, arguments: ["--check-config"], environment: environment)
      #expect(await check.end().status == 0)
      let nudged = try await NudgedProgram(in: folder, yaml: yaml, environment: environment)
      try await nudged.send(.post, "/checkout", #"{"checkout_id": "c-1", "email": "a@example.com"}"#)
      let line = try await nudged.program.line(containing: "mail is held")
      #expect(line.contains("no credentials: the instance metadata service at http://127.0.0.1:1: does not answer"))
      #expect(await nudged.stop().status == 0)
    }
  }

  @Test("programs that it runs inherit none")
  func children() async throws {
    try await withTemporaryFolder { folder in
      let seen = folder.appending(path: "seen").path
      let sendmail = folder.appending(path: "sendmail")
      try "#!/bin/sh\ncat >/dev/null\nenv >\(seen)\n".write(
        to: sendmail, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: sendmail.path)
      let yaml = """
        sender: { transport: sendmail, sendmail: { path: \(sendmail.path) } }
        shops: { default: { from: cart@shop.example, schedule: [10ms] } }
        """
      let nudged = try await NudgedProgram(in: folder, yaml: yaml, environment: Self.keys)
      try await nudged.send(.post, "/checkout", #"{"checkout_id": "c-1", "email": "a@example.com"}"#)
      _ = try await nudged.program.line(containing: "Mail is sent")
      _ = await nudged.stop()
      let environment = try String(contentsOfFile: seen, encoding: .utf8)
      #expect(environment.contains("PATH="))
      #expect(!environment.contains("marker") && !environment.contains("\nAWS_"))
    }
  }

  @Test("no core is dumped")
  func core() async throws {
    try await withTemporaryFolder { folder in
      try NudgedProgram.write("", in: folder)
      func end(_ line: String, _ arguments: [String]) async throws -> String {
        let oracle = [Repository.oracle("core_dump").path, line] + arguments
        let result = try await Program.run(Repository.python, oracle, folder: folder)
        #expect(result.status == 0, "\(result.errorText)")
        return result.text
      }
      let places = [
        "--config", folder.appending(path: "nudged.yaml").path, "--state", folder.appending(path: "state").path,
        "--socket", folder.appending(path: "n.sock").path,
      ]
      #expect(try await end("nudged is ready", [Repository.program("nudged").path] + places) == "not dumped\n")
      let nudged = try await NudgedProgram(in: folder, yaml: "")
      let limits = FileManager.default.contents(atPath: "/proc/\(nudged.program.processIdentifier)/limits") ?? Data()
      #expect(String(decoding: limits, as: UTF8.self).contains(#/Max core file size +0 +0 /#))
      _ = await nudged.stop()
    }
  }
}
