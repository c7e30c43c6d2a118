import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

/// What appears nowhere but in the conversation itself.
private let secret = "öpen  sésame/+"
private let username = "shop@shop.example"

private let offersLogin = "250-test\r\n250-AUTH PLAIN LOGIN\r\n250 ENHANCEDSTATUSCODES"

/// Runs `body` with a file that holds the password.
private func withPassword(_ body: (URL, SMTPLogin) async throws -> Void) async throws {
  try await withTemporaryFolder { folder in
    let file = folder.appending(path: "password")
    try Data("\(secret)\n".utf8).write(to: file)
    let password = try #require(SMTPPasswordFile(environment: [:], file: file.path))
    try await body(file, SMTPLogin(username: username, password: password))
  }
}

private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

@Suite("SMTP's login") struct SendSMTPLoginTests {
  @Test(
    "the login is PLAIN where the server knows it, else LOGIN, and comes once a connection",
    arguments: [
      ("250-test\r\n250 AUTH LOGIN PLAIN", "PLAIN"), ("250-test\r\n250 AUTH CRAM-MD5 login", "LOGIN"),
      ("250-test\r\n250 AUTH=LOGIN", "LOGIN"), ("250-test\r\n250-AUTH=LOGIN\r\n250 auth plain", "PLAIN"),
    ])
  func mechanisms(hello: String, mechanism: String) async throws {
    try await withPassword { _, login in
      let seen = Conversation()
      let server = try mailServer(["EHLO": hello], seen: seen)
      await withSender(to: server, configure: { $0.login = login }) { sender in
        for _ in 0..<2 { #expect(await sender.deliver(letter()).kind == .accepted) }
        #expect(server.connections == 1)
      }
      let answers =
        mechanism == "PLAIN" ? [base64("\0\(username)\0\(secret)")] : [base64(username), base64(secret)]
      let expected = ["AUTH \(mechanism)"] + answers
      #expect(Array(seen.all[1...expected.count]) == expected.map { $0 + "\r\n" })
      #expect(seen.verbs[expected.count + 1] == "MAIL")
    }
  }

  @Test(
    "whatever keeps us from logging in holds the sender",
    arguments: [
      ["EHLO": "250 test"], ["EHLO": "250-test\r\n250 AUTH CRAM-MD5"], ["EHLO": "502 what"],
      ["AUTH": "504 5.5.4 unrecognised"], ["AUTH": "538 5.7.11 encryption required"], ["AUTH": "503 already"],
      ["AUTH": "close"], ["AUTH": "235 too early, but well"],
      ["password": "535 5.7.8 authentication failed"], ["password": "534 5.7.9 mechanism too weak"],
      ["password": "530 5.7.0 must issue STARTTLS"], ["password": "454 4.7.0 temporary failure"],
      ["password": "432 4.7.12 password transition needed"], ["password": "421 closing"], ["password": "550 no"],
      ["password": "500 5.5.6 line too long"], ["password": "334 and again"], ["password": "close"],
      ["password": "reset"], ["password": "SSH-2.0"],
    ])
  func failures(replies: [String: String]) async throws {
    let isFine = replies["AUTH"]?.hasPrefix("235") ?? false
    try await withPassword { _, login in
      let server = try mailServer(["EHLO": offersLogin].merging(replies) { $1 })
      await withSender(to: server, configure: { $0.login = login }) { sender in
        let delivery = await sender.deliver(letter())
        #expect(delivery.kind == (isFine ? .accepted : .sender), "\(delivery)")
      }
    }
  }

  @Test("a server that hangs during the login holds the sender")
  func hangs() async throws {
    try await withPassword { _, login in
      var timeouts = patient
      timeouts.command = .seconds(2)
      let server = try mailServer(["EHLO": offersLogin, "password": "hang"])
      await withSender(to: server, timeouts: timeouts, configure: { $0.login = login }) { sender in
        #expect(await sender.deliver(letter()).kind == .sender)
      }
    }
  }

  @Test("a corrected password counts at the next letter, and a file that is gone holds the sender")
  func corrected() async throws {
    try await withPassword { file, login in
      try Data("wrong".utf8).write(to: file)
      let seen = Conversation()
      let server = try ScriptedServer { line in
        line.write("220 hello\r\n")
        while let command = line.read(through: "\r\n") {
          seen.add(command)
          switch command.prefix(4) {
          case "EHLO": line.write(offersLogin + "\r\n")
          case "AUTH": line.write("334\r\n")
          case "DATA":
            line.write("354 go on\r\n")
            _ = line.read(through: "\r\n.\r\n")
            line.write("250 Ok\r\n")
          case "MAIL", "RCPT": line.write("250 Ok\r\n")
          default: line.write(command.hasPrefix(base64("\0\(username)\0\(secret)")) ? "235 welcome\r\n" : "535 no\r\n")
          }
        }
      }
      try await withSender(to: server, configure: { $0.login = login }) { sender in
        #expect(await sender.deliver(letter()).kind == .sender)
        try FileManager.default.removeItem(at: file)
        let gone = await sender.deliver(letter())
        #expect(gone.kind == .sender && gone.error.contains("No such file"), "\(gone)")
        #expect(!seen.verbs.contains("MAIL"))
        try Data(secret.utf8).write(to: file)
        #expect(await sender.deliver(letter()).kind == .accepted)
      }
    }
  }

  @Test("no error shows the password, even if the server repeats it in every form that it had")
  func secrecy() async throws {
    let forms = [secret, base64(secret), base64("\0\(username)\0\(secret)")]
    try await withPassword { _, login in
      let padding = String(repeating: "x", count: longestErrorText - 12)
      for words in forms + [forms.joined(separator: " "), padding + secret, padding + forms[2]] {
        for reply in ["535 5.7.8 no: \(words)", "535-no\r\n535 \(words)", words, "999 \(words)"] {
          let server = try mailServer(["EHLO": offersLogin, "password": reply])
          await withSender(to: server, configure: { $0.login = login }) { sender in
            let error = await sender.deliver(letter()).error
            #expect(error.contains("AUTH"))
            for form in forms {
              #expect(!error.contains(form.prefix(6)), "\(error)")
            }
          }
        }
      }
      #expect(!dumped(login).contains(secret))
      #expect(!dumped(try await login.password.current()).contains(secret))
    }
  }

  private func dumped(_ value: some Any) -> String {
    var text = "\(value) \(String(reflecting: value)) "
    dump(value, to: &text)
    return text
  }

  @Test("a password is the file's one line; what cannot be one is told without showing it")
  func files() throws {
    for (contents, password) in [("a b", "a b"), ("a\n", "a"), ("ä\r\n", "ä"), (" a ", " a "), ("a\\n\n", "a\\n")] {
      #expect(try SMTPPassword(contents: Array(contents.utf8)).text == password)
    }
    let wrong = [
      "", "\n", "geheim\n\n", "geheim\nzwei", "geheim\0", "geheim\u{7f}", String(repeating: "x", count: 2_000),
    ]
    for contents in wrong.map({ Array($0.utf8) }) + [[0x67, 0xff]] {
      let error = #expect(throws: SMTPPasswordError.Problem.self) { try SMTPPassword(contents: contents) }
      #expect(error.map { !"\($0)".contains("geheim") } ?? false)
    }
  }

  @Test("the credential that systemd hands over comes before the configured file")
  func credential() async throws {
    try await withTemporaryFolder { folder in
      let environment = ["CREDENTIALS_DIRECTORY": folder.path]
      let file = folder.appending(path: "configured")
      try Data("configured".utf8).write(to: file)
      #expect(SMTPPasswordFile(environment: environment, file: nil) == nil)
      let configured = try #require(SMTPPasswordFile(environment: environment, file: file.path))
      #expect(try await configured.current().text == "configured")
      try Data("credential".utf8).write(to: folder.appending(path: "nudged.smtp"))
      let credential = try #require(SMTPPasswordFile(environment: environment, file: file.path))
      #expect(try await credential.current().text == "credential")
    }
  }
}
