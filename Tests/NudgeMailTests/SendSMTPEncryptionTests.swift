import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

/// A server of Python's `ssl`, which encrypts, well or not.
private struct TLSServer {
  let program: Program
  let port: Int
  let authorities: String

  static func with(_ behaviour: String, _ body: (TLSServer) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let program = try Program(Repository.python, [Repository.oracle("smtp_tls").path, folder.path, behaviour])
      defer { program.signal(SIGKILL) }
      let ready = try await program.line(containing: "ready ")
      let port = try #require(Int(ready.dropFirst("ready ".count)))
      try await body(TLSServer(program: program, port: port, authorities: folder.appending(path: "ca.pem").path))
    }
  }

  func configuration(
    _ mode: SMTPEncryption.Mode, host: String = "127.0.0.1", authorities: String?
  ) throws -> SMTPSender.Configuration {
    let server = SMTPServer(.tcp(host: host, port: port))
    let encryption = try SMTPEncryption(mode, server: server, authorities: authorities)
    return .init(server: server, encryption: encryption, timeouts: patient)
  }

  /// Hands over a letter and returns what came of it, and all that the server heard.
  func deliver(
    _ configuration: SMTPSender.Configuration
  ) async throws -> (delivery: Delivery, heard: [String]) {
    let delivery = await withSender(configuration) { await $0.deliver(letter()) }
    program.signal(SIGKILL)
    let heard = await program.end().text.split(separator: "\n").map(String.init)
    return (delivery, heard.filter { !$0.hasPrefix("ready") })
  }
}

@Suite("SMTP's encryption") struct SendSMTPEncryptionTests {
  typealias Mode = SMTPEncryption.Mode

  @Test(
    "a server that proves its name gets the letter encrypted, and nothing but the hello before",
    arguments: [Mode.starttls, .implicit, .opportunistic], ["127.0.0.1", "localhost"])
  func encrypted(mode: Mode, host: String) async throws {
    try await TLSServer.with(mode == .implicit ? "implicit" : "starttls") { server in
      let authorities = mode.isVerified ? server.authorities : nil
      let (delivery, heard) = try await server.deliver(
        server.configuration(mode, host: host, authorities: authorities))
      #expect(delivery.kind == .accepted, "\(delivery)")
      let plain = heard.filter { $0.hasPrefix("plain") }.map { String($0.prefix(10)) }
      #expect(plain == (mode == .implicit ? [] : ["plain EHLO", "plain STAR"]))
      #expect(heard.contains { $0.hasPrefix("tls EHLO") } && heard.contains("tls DATA"))
    }
  }

  @Test(
    "a server that does not prove its name, or does not encrypt, gets nothing",
    arguments: [
      "unoffered", "refused", "injected", "garbage", "closed", "expired", "elsewhere", "stranger", "ancient",
    ])
  func unproven(behaviour: String) async throws {
    try await TLSServer.with(behaviour) { server in
      let (delivery, heard) = try await server.deliver(
        server.configuration(.starttls, host: "localhost", authorities: server.authorities))
      #expect(delivery.kind == .sender, "\(delivery)")
      #expect(!heard.contains { $0.contains("MAIL") || $0.contains("AUTH") || $0.hasPrefix("tls") }, "\(heard)")
      #expect(delivery.error.contains("TLS") || ["injected", "closed"].contains(behaviour), "\(delivery)")
    }
  }

  @Test("what is said before the encryption is no answer under it")
  func injected() async throws {
    for mode in [Mode.starttls, .opportunistic] {
      try await TLSServer.with("injected") { server in
        let (delivery, _) = try await server.deliver(
          server.configuration(mode, authorities: mode.isVerified ? server.authorities : nil))
        #expect(delivery.kind == .sender && delivery.error.contains("before the encryption"), "\(delivery)")
      }
    }
  }

  @Test("an authority that only the system could know is not known")
  func systemRoots() async throws {
    try await TLSServer.with("starttls") { server in
      let (delivery, heard) = try await server.deliver(server.configuration(.starttls, authorities: nil))
      #expect(delivery.kind == .sender && delivery.error.contains("CERTIFICATE_VERIFY_FAILED"), "\(delivery)")
      #expect(!heard.contains { $0.hasPrefix("tls") })
    }
  }

  @Test(
    "opportunistic encrypts where it can, to whomever, and sends without it where it cannot",
    arguments: [("unoffered", "plain"), ("refused", "plain"), ("elsewhere", "tls"), ("expired", "tls")])
  func opportunistic(behaviour: String, way: String) async throws {
    try await TLSServer.with(behaviour) { server in
      let (delivery, heard) = try await server.deliver(server.configuration(.opportunistic, authorities: nil))
      #expect(delivery.kind == .accepted, "\(delivery)")
      #expect(heard.contains("\(way) DATA"))
    }
  }

  @Test("without encryption asked for, none is begun")
  func none() async throws {
    try await TLSServer.with("starttls") { server in
      let (delivery, heard) = try await server.deliver(server.configuration(.none, authorities: nil))
      #expect(delivery.kind == .accepted)
      #expect(heard.allSatisfy { $0.hasPrefix("plain") && !$0.contains("STARTTLS") })
    }
  }

  @Test("what the server offers under encryption counts, and not what it offered before")
  func offers() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "password")
      try Data("sesame".utf8).write(to: file)
      let login = SMTPLogin(
        username: "shop", password: try #require(SMTPPasswordFile(environment: [:], file: file.path)))
      for (behaviour, kind) in [("starttls", Kind.accepted), ("stripped", .sender), ("unoffered", .sender)] {
        try await TLSServer.with(behaviour) { server in
          var configuration = try server.configuration(.starttls, authorities: server.authorities)
          configuration.login = login
          let (delivery, heard) = try await server.deliver(configuration)
          #expect(delivery.kind == kind, "\(delivery)")
          #expect(heard.contains("tls AUTH PLAIN") == (kind == .accepted))
          #expect(!heard.contains { $0.hasPrefix("plain AUTH") })
        }
      }
    }
  }

  @Test("a server that encrypts from the first byte on hears nothing from who does not, and the other way round")
  func mixed() async throws {
    try await TLSServer.with("starttls") { server in
      let (delivery, heard) = try await server.deliver(
        server.configuration(.implicit, authorities: server.authorities))
      #expect(delivery.kind == .sender && delivery.error.contains("TLS"), "\(delivery)")
      #expect(!heard.contains { $0.contains("MAIL") })
    }
  }

  @Test("a file of authorities that is none is a mistake of the configuration")
  func authorities() throws {
    let server = SMTPServer(.tcp(host: "mail.example", port: 587))
    for file in ["/nonexistent", "/dev/null", "/etc/passwd"] {
      let error = #expect(throws: SMTPConfigurationError.self) {
        try SMTPEncryption(.starttls, server: server, authorities: file)
      }
      #expect(error?.key == "ca_file")
    }
  }

  @Test(
    "an address tells whether what goes there stays on this machine",
    arguments: [
      ("127.0.0.1", true), ("127.8.9.10", true), ("::1", true), ("localhost", true), ("LocalHost", true),
      ("192.0.2.1", false), ("2001:db8::1", false), ("128.0.0.1", false), ("127.0.0.1.example", false),
      ("mail.example", false), ("localhost.example", false), ("0.0.0.0", false),
    ])
  func loopback(host: String, isLoopback: Bool) {
    #expect(SMTPServer(.tcp(host: host, port: 25)).isLoopback == isLoopback)
    #expect(SMTPServer(.unix(path: "/run/lmtp")).isLoopback)
  }
}
