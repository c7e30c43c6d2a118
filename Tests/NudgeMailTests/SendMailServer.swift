import Foundation
import Glibc
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

/// A mail server as it comes from Debian, run on loopback by `Tests/mta/run`.
struct MailServer: Sendable {
  enum Name: String, Sendable {
    case postfix, opensmtpd, dma

    /// How many ports it listens at.
    fileprivate var ports: Int {
      switch self {
      case .postfix: 4
      case .opensmtpd: 3
      case .dma: 0
      }
    }
  }

  /// Where the tests must not be left out, they fail instead.
  static let isPossible = (getuid() == 0 && isUnpacked) || isRequired
  static let excuse: Comment = "a mail server in a tree of its own needs root, and scripts/setup test"

  private static let isRequired = ProcessInfo.processInfo.environment["NUDGED_REQUIRE_MTA"] != nil
  private static let isUnpacked = FileManager.default.fileExists(
    atPath: Repository.root.appending(path: ".build/mta/postfix.packages").path)

  static let domain = "shop.test"
  static let login = (username: "shop", password: "open sesame")

  let name: Name
  let folder: URL
  let ports: [Int]
  private(set) var program: Program

  /// Runs `body` with a server of its own.
  static func with(_ name: Name, _ body: (inout MailServer) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      var server = try await MailServer(name, folder: folder)
      do {
        try await body(&server)
      } catch {
        await server.stop()
        throw error
      }
      await server.stop()
    }
  }

  private init(_ name: Name, folder: URL) async throws {
    self.name = name
    self.folder = folder
    ports = try Self.freePorts(name.ports)
    program = try await Self.start(name, folder, ports)
  }

  private static func start(_ name: Name, _ folder: URL, _ ports: [Int]) async throws -> Program {
    let run = Repository.root.appending(path: "Tests/mta/run")
    let program = try Program(run, [name.rawValue, folder.path] + ports.map(String.init))
    _ = try await program.line(containing: "ready")
    return program
  }

  /// Kills it, and all that it started with it.
  func stop() async {
    program.signal(SIGKILL)
    await program.end()
  }

  mutating func restart() async throws {
    await stop()
    program = try await Self.start(name, folder, ports)
  }

  /// Ports that are free at this moment.
  private static func freePorts(_ count: Int) throws -> [Int] {
    let servers = try (0..<count).map { _ in try ScriptedServer { _ in } }
    defer { for server in servers { server.stop() } }
    return servers.map(\.port)
  }

  /// Whom to believe that the server is who it says.
  var authorities: String { folder.appending(path: "ca.pem").path }

  /// The Maildir of one of its users, or the mailbox.
  func mailbox(of user: String) -> String { folder.appending(path: "mail/\(user)").path }

  /// Runs `body` with a sender that runs its sendmail, with `options` before ours.
  func withSendmail(_ options: String = "", body: (SendmailSender) async throws -> Void) async throws {
    let script = folder.appending(path: "sendmail")
    let process = program.processIdentifier
    let text = """
      #!/bin/sh
      exec nsenter --target \(process) --mount --pid=/proc/\(process)/ns/pid_for_children \
        chroot \(folder.path)/root/tree /usr/sbin/sendmail \(options) "$@"

      """
    try Data(text.utf8).write(to: script)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
    try await body(SendmailSender(configuration: .init(path: script.path, timeout: .seconds(600))))
  }

  /// A configuration for the port at `index`.
  func configuration(
    port index: Int, _ mode: SMTPEncryption.Mode = .none, host: String = "127.0.0.1", password: String? = nil
  ) throws -> SMTPSender.Configuration {
    let server = SMTPServer(.tcp(host: host, port: ports[index]))
    let encryption = try SMTPEncryption(mode, server: server, authorities: mode.isVerified ? authorities : nil)
    var configuration = SMTPSender.Configuration(server: server, encryption: encryption, timeouts: patient)
    if let password {
      let file = folder.appending(path: "password")
      try Data((password + "\n").utf8).write(to: file)
      let source = try #require(SMTPPasswordFile(environment: [:], file: file.path))
      configuration.login = SMTPLogin(username: Self.login.username, password: source)
    }
    return configuration
  }

  /// Waits until the server has delivered the mail that it gave that name to.
  func delivered(_ id: String) async throws {
    switch name {
    case .postfix: _ = try await program.line(containing: "\(id): removed")
    case .opensmtpd: _ = try await program.line(containing: "mda delivery evpid=\(id)")
    case .dma: break
    }
  }

  /// The mails of a Maildir by their Message-ID, without what the server put on top.
  func mails(of user: String) async throws -> [String: [UInt8]] {
    let mails = try await ReadMail.maildir(mailbox(of: user))
    #expect(mails.flatMap(\.defects).isEmpty)
    return Dictionary(
      mails.map { mail in
        (mail.headers.first { $0[0] == "Message-ID" }?[1] ?? "", mail.bytesFromFrom)
      },
      uniquingKeysWith: { first, _ in first + Array("(twice)".utf8) })
  }
}

extension ReadMail {
  /// The mail from its header `From` on, which is the first one that we write.
  var bytesFromFrom: [UInt8] {
    guard let range = bytes.firstRange(of: Data("\r\nFrom: ".utf8)) else { return Array(bytes) }
    return Array(bytes[range.lowerBound...].dropFirst(2))
  }
}

extension Letter {
  /// What mail servers like to spoil, to a user of the test's domain: dots, lines as long as lines may be, all sorts of
  /// encoded words.
  static func difficult(to user: String) throws -> [(id: String, letter: Letter)] {
    let address = "\(user)@\(MailServer.domain)"
    func unique() -> String { "m\(UInt64.random(in: .min ... .max)).test@shop.example" }
    var letters: [(id: String, letter: Letter)] = []
    let long = String(repeating: "a.", count: 498)  // 996 bytes; a dot in front makes 997, doubled 998
    let extras = [[], [".", "..", ". ", long, "." + long, "", "."], ["From here", ">From there", "=2E", "\tx \t"]]
    for extra in extras {
      let id = unique()
      var letter = letter(to: address, id: id, extra: extra)
      letter.sender = "cart@\(MailServer.domain)"
      letters.append((id, letter))
    }
    let cart = ComposeMail.cart {
      $0.name = "Anna-Łucja Müller-Großmann, 安娜"
      $0.items.append(.init(name: ". From 😀 “Tasse” & <b>Löffel</b>", quantity: 3, price: "0.5"))
    }
    for kind in ComposeMail.kinds {
      let id = unique()
      let bytes = try Composer().compose(ComposeMail.request(kind, cart: cart) { $0.messageID = id }).bytes
      letters.append(
        (id, Letter(attemptID: "a-1", sender: "cart@\(MailServer.domain)", recipient: address, bytes: bytes)))
    }
    return letters
  }
}
