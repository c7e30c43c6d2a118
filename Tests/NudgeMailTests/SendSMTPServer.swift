import Foundation
import Synchronization
import TestKit

@testable import NudgeMail

/// A mail server that does at each step what the test says, good or bad.
///
/// It answers each command with what `replies` has for its verb, else well. The greeting's verb is empty, the mail's is
/// `.`, those of the two steps of a login are `username` and `password`. A reply may be several lines, or one of the
/// words `hang`, `close`, `reset`. After `letters` of them it behaves as told; before, well.
func mailServer(
  _ replies: [String: String] = [:], afterLetters letters: Int = 0, seen: Conversation = Conversation()
) throws -> ScriptedServer {
  try ScriptedServer { line in
    var talk = MailServerTalk(line: line, replies: replies, letters: letters, seen: seen)
    talk.run()
  }
}

private struct MailServerTalk {
  let line: ScriptedServer.Line
  let replies: [String: String]
  let letters: Int
  let seen: Conversation
  var taken = 0

  private static let good = [
    "": "220 hello", "EHLO": "250-test\r\n250 SIZE 100000", "LHLO": "250-test\r\n250 SIZE 100000", "DATA": "354 go on",
    "QUIT": "221 bye", "AUTH": "334 ", "username": "334 UGFzc3dvcmQ6", "password": "235 2.7.0 welcome",
  ]

  mutating func run() {
    guard reply(to: "") != nil else { return }
    while let command = line.read(through: "\r\n") {
      seen.add(command)
      let verb = String(command.prefix { $0 != " " && $0 != "\r\n" })
      guard let reply = reply(to: verb) else { return }
      let goesOn =
        switch (verb, reply.prefix(3)) {
        case ("AUTH", "334"): logIn(command)
        case ("DATA", "354"): takeMail()
        default: true
        }
      guard goesOn else { return }
    }
  }

  /// Nil if the connection is over.
  private func reply(to verb: String) -> String? {
    let told = taken >= letters ? replies[verb] : nil
    switch told ?? Self.good[verb] ?? "250 2.0.0 Ok" {
    case "hang": line.waitForEnd()
    case "close": return nil
    case "reset": line.reset()
    case let text:
      line.write(text + "\r\n")
      return verb == "QUIT" ? nil : text
    }
    return nil
  }

  private func logIn(_ command: String) -> Bool {
    for step in command == "AUTH LOGIN\r\n" ? ["username", "password"] : ["password"] {
      guard let answer = line.read(through: "\r\n") else { return false }
      seen.add(answer)
      guard let reply = reply(to: step) else { return false }
      if !reply.hasPrefix("334") { break }
    }
    return true
  }

  private mutating func takeMail() -> Bool {
    guard let mail = line.read(through: "\r\n.\r\n") else { return false }
    seen.add(mail)
    defer { taken += 1 }
    return reply(to: ".") != nil
  }
}

/// What a server was told.
final class Conversation: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }
  var verbs: [String] { all.map { String($0.prefix { $0 != " " && $0 != "\r\n" && $0 != ":" }) } }

  func add(_ line: String) { lines.withLock { $0.append(line) } }
}

/// A machine that is busy with other tests is not what is tested.
let patient = SMTPSender.Timeouts(
  connect: .seconds(600), command: .seconds(600), content: .seconds(600), verdict: .seconds(600))

extension SMTPSender.Configuration {
  /// For the server at the port.
  static func local(
    _ port: Int, language: SMTPServer.Language = .smtp, timeouts: SMTPSender.Timeouts = patient
  ) -> SMTPSender.Configuration {
    .init(server: SMTPServer(.tcp(host: "127.0.0.1", port: port), language: language), timeouts: timeouts)
  }
}

/// Runs `body` with a sender, and shuts it down.
func withSender<T>(
  _ configuration: SMTPSender.Configuration, body: (SMTPSender) async throws -> T
) async rethrows -> T {
  let sender = SMTPSender(configuration: configuration)
  do {
    let result = try await body(sender)
    await sender.shutdown()
    return result
  } catch {
    await sender.shutdown()
    throw error
  }
}

/// Runs `body` with a sender for a server, and shuts both down.
func withSender(
  to server: ScriptedServer, timeouts: SMTPSender.Timeouts = patient,
  configure: (inout SMTPSender.Configuration) -> Void = { _ in }, body: (SMTPSender) async throws -> Void
) async rethrows {
  defer { server.stop() }
  var configuration = SMTPSender.Configuration.local(server.port, timeouts: timeouts)
  configure(&configuration)
  try await withSender(configuration, body: body)
}
