import Foundation
import NudgeDomain
import NudgeMail
import TestKit
import Testing

@testable import NudgeDaemon

@Suite("Configuration of SMTP and LMTP") struct SMTPConfigurationTests {
  private func smtp(_ keys: String) throws -> SenderConfiguration.SMTP {
    try Configuration.load(yaml: "sender:\n  smtp: { \(keys) }", file: "/etc/nudged/nudged.yaml").sender.smtp
  }

  private func problem(_ yaml: String) -> String? {
    do {
      _ = try Configuration.load(yaml: yaml, file: "/etc/nudged/nudged.yaml")
      return nil
    } catch {
      return error.issues.map { $0.key ?? "" }.joined(separator: " ")
    }
  }

  @Test(
    "port and encryption follow from what else is said, and what is said counts",
    arguments: [
      ("", 25, SMTPEncryption.Mode.none), ("host: localhost", 25, .none), ("host: \"::1\"", 25, .none),
      ("host: mail.example", 25, .opportunistic), ("host: mail.example, tls: none", 25, .none),
      ("host: mail.example, username: shop", 587, .starttls), ("username: shop", 587, .starttls),
      ("username: shop, tls: none", 587, .none), ("host: mail.example, tls: implicit", 465, .implicit),
      ("host: mail.example, port: 465", 465, .implicit),
      ("host: mail.example, username: shop, port: 465", 465, .implicit),
      ("host: mail.example, username: shop, port: 25", 25, .starttls),
      ("host: mail.example, username: shop, tls: implicit", 465, .implicit),
      ("host: mail.example, tls: starttls, port: 2525", 2525, .starttls),
    ])
  func defaults(keys: String, port: Int, tls: SMTPEncryption.Mode) throws {
    let smtp = try smtp(keys)
    #expect(smtp.port == port)
    #expect(smtp.tls == tls)
  }

  @Test("every key is read")
  func complete() throws {
    let smtp = try smtp(
      "host: mail.example, port: 2525, tls: starttls, ca_file: ca.pem, username: shop, password_file: /etc/p, "
        + "hello: shop.example, connections: 2")
    #expect(smtp.authorities == "/etc/nudged/ca.pem")
    #expect(smtp.username == "shop" && smtp.passwordFile == "/etc/p")
    #expect(smtp.hello == "shop.example" && smtp.connections == 2)
    let sender = try Configuration.load(
      yaml: "sender: { transport: lmtp, lmtp: { host: mail.example, port: 2424 } }", file: "/nudged.yaml"
    ).sender
    #expect(sender.transport == .lmtp && sender.lmtp.host == "mail.example" && sender.lmtp.port == 2424)
    let socket = try Configuration.load(yaml: "sender: { lmtp: { socket: /run/lmtp } }", file: "/nudged.yaml").sender
    #expect(socket.lmtp.socket == "/run/lmtp")
  }

  @Test(
    "a password never goes where others could read it, and what would have no effect is a mistake",
    arguments: [
      ("smtp: { host: mail.example, username: shop, tls: none }", "smtp.tls"),
      ("smtp: { host: mail.example, username: shop, tls: opportunistic }", "smtp.tls"),
      ("smtp: { host: 192.0.2.1, username: shop, tls: none }", "smtp.tls"),
      ("smtp: { password_file: /etc/p }", "smtp.password_file"), ("smtp: { ca_file: /etc/ca }", "smtp.ca_file"),
      ("smtp: { host: mail.example, ca_file: /etc/ca }", "smtp.ca_file"), ("smtp: { tls: ssl }", "smtp.tls"),
      ("smtp: { hello: \"a b\" }", "smtp.hello"), ("smtp: { hello: \"-x\" }", "smtp.hello"),
      ("smtp: { username: \"a\\nb\" }", "smtp.username"), ("smtp: { connections: 0 }", "smtp.connections"),
      ("smtp: { password: sesame }", "smtp.password"), ("lmtp: { port: 25 }", "lmtp.port"),
      ("lmtp: { socket: /run/lmtp, port: 24 }", "lmtp.port"), ("lmtp: { tls: none }", "lmtp.tls"),
    ])
  func mistakes(keys: String, key: String) {
    #expect(problem("sender:\n  \(keys)") == "sender.\(key)")
  }

  @Test("a password on this machine may go without encryption, if somebody asks for that")
  func loopback() throws {
    #expect(try smtp("username: shop, tls: none").tls == .none)
    #expect(try smtp("host: localhost, username: shop, tls: opportunistic").tls == .opportunistic)
  }

  @Test("a start finds the password and the authorities, or says what is missing without showing anything")
  func start() async throws {
    try await withTemporaryFolder { folder in
      let places = Places(config: folder.path + "/nudged.yaml", state: folder.path, socket: nil, environment: [:])
      func mistake(_ keys: String, environment: [String: String] = [:]) async throws -> String? {
        let sender = try Configuration.load(
          yaml: "sender: { transport: smtp, smtp: { host: mail.example, \(keys) } }", file: places.configuration
        ).sender
        do throws(ConfigurationError) {
          try await sender.makeSender(places, environment: environment, now: { .init(milliseconds: 0) }).shutdown()
          return nil
        } catch {
          return error.description
        }
      }
      let (password, credentials) = (folder.path + "/password", folder.path + "/credentials")
      #expect(try await mistake("username: shop")?.contains("sender.smtp.password_file: ") == true)
      #expect(try await mistake("username: shop, password_file: \(password)")?.contains("No such file") == true)
      try Data("sesame\nopen".utf8).write(to: URL(filePath: password))
      let wrong = try #require(try await mistake("username: shop, password_file: \(password)"))
      #expect(wrong.contains(password) && !wrong.contains("sesame"))
      try Data("sesame\n".utf8).write(to: URL(filePath: password))
      #expect(try await mistake("username: shop, password_file: \(password)") == nil)
      try FileManager.default.createDirectory(atPath: credentials, withIntermediateDirectories: true)
      try Data("sesame".utf8).write(to: URL(filePath: credentials + "/nudged.smtp"))
      #expect(try await mistake("username: shop", environment: ["CREDENTIALS_DIRECTORY": credentials]) == nil)
      #expect(try await mistake("tls: starttls, ca_file: \(password)")?.contains("sender.smtp.ca_file: ") == true)
    }
  }
}
