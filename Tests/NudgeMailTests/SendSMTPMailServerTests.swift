import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

/// A letter to a user of the test's domain.
private func simple(
  to user: String, from sender: String = "cart@\(MailServer.domain)", id: String = "m1.test@shop.example",
  extra: [String] = []
) -> Letter {
  var letter = letter(to: user.contains("@") ? user : "\(user)@\(MailServer.domain)", id: id, extra: extra)
  letter.sender = sender
  return letter
}

/// Hands over letters that are easily spoilt and finds each in the mailbox of `ann`, byte for byte, and once.
private func deliverAll(by sender: SMTPSender, to server: MailServer) async throws {
  let letters = try Letter.difficult(to: "ann")
  for (_, letter) in letters {
    let delivery = await sender.deliver(letter)
    try await server.delivered(#require(delivery.providerID, "\(delivery)"))
  }
  let mails = try await server.mails(of: "ann")
  #expect(mails.count == letters.count)
  for (id, letter) in letters { #expect(mails["<\(id)>"] == letter.bytes, "\(id)") }
}

/// Delivers, restarts the server, and delivers again: with the same sender, which does not know.
private func deliverAcrossRestart(by sender: SMTPSender, to server: inout MailServer) async throws {
  for id in ["r1", "r2"] {
    let delivery = await sender.deliver(simple(to: "bob", id: "\(id)@shop.example"))
    try await server.delivered(#require(delivery.providerID, "\(delivery)"))
    if id == "r1" { try await server.restart() }
  }
  #expect(try await Set(server.mails(of: "bob").keys) == ["<r1@shop.example>", "<r2@shop.example>"])
}

@Suite("Postfix and Dovecot as they come from Debian", .enabled(if: MailServer.isPossible, MailServer.excuse))
struct SendSMTPPostfixTests {
  @Test("mails arrive byte for byte, and the server may be restarted between them")
  func arrival() async throws {
    try await MailServer.with(.postfix) { server in
      try await withSender(server.configuration(port: 0)) { sender in
        try await deliverAll(by: sender, to: server)
        try await deliverAcrossRestart(by: sender, to: &server)
        await server.stop()
        let delivery = await sender.deliver(simple(to: "ann"))
        #expect(delivery.kind == .sender, "\(delivery)")
      }
    }
  }

  @Test("what it refuses is told from what it refuses us, and from what it refuses one shop")
  func refusals() async throws {
    try await MailServer.with(.postfix) { server in
      try await withSender(server.configuration(port: 0)) { sender in
        let unknown = await sender.deliver(simple(to: "nobody-here"))
        #expect(unknown.kind == .refused && unknown.error.contains("550 5.1.1"), "\(unknown)")
        let banned = await sender.deliver(simple(to: "ann", from: "banned@\(MailServer.domain)"))
        #expect(banned.kind == .message && banned.error.contains("Sender address rejected"), "\(banned)")
        let large = await sender.deliver(simple(to: "ann", extra: Array(repeating: "x", count: 200_000)))
        #expect(large.kind == .refused && large.error.contains("300000"), "\(large)")
        #expect(await sender.deliver(simple(to: "ann")).kind == .accepted)
      }
      // Who does not log in.
      for mode in [SMTPEncryption.Mode.none, .starttls] {
        let delivery = await withSender(try server.configuration(port: 1, mode)) {
          await $0.deliver(simple(to: "ann"))
        }
        #expect(delivery.kind == .sender, "\(delivery)")
      }
    }
  }

  @Test("it takes mail under encryption from who logs in, and a wrong password holds the sender until it is mended")
  func submission() async throws {
    try await MailServer.with(.postfix) { server in
      var wrong = try server.configuration(port: 1, .starttls, password: "sesame open")
      wrong.server = SMTPServer(.tcp(host: "localhost", port: server.ports[1]))
      try await withSender(wrong) { sender in
        let held = await sender.deliver(simple(to: "ann"))
        #expect(held.kind == .sender && held.error.contains("535 5.7.8"), "\(held)")
        #expect(!held.error.contains("sesame"))
        _ = try server.configuration(port: 1, password: MailServer.login.password)
        let delivery = await sender.deliver(simple(to: "ann"))
        try await server.delivered(#require(delivery.providerID, "\(delivery)"))
      }
      let strange = await withSender(
        SMTPSender.Configuration(
          server: wrong.server, encryption: try SMTPEncryption(.starttls, server: wrong.server), login: wrong.login,
          timeouts: patient)
      ) { await $0.deliver(simple(to: "ann")) }
      #expect(strange.kind == .sender && strange.error.contains("CERTIFICATE_VERIFY_FAILED"), "\(strange)")
      #expect(try await server.mails(of: "ann").count == 1)
    }
  }

  @Test("a certificate that does not name the host is none, and a size that it does not tell is found out at the end")
  func implicit() async throws {
    try await MailServer.with(.postfix) { server in
      let password = MailServer.login.password
      for (host, kind) in [("127.0.0.1", Kind.sender), ("localhost", .accepted)] {
        let configuration = try server.configuration(port: 2, .implicit, host: host, password: password)
        let delivery = await withSender(configuration) { await $0.deliver(simple(to: "ann")) }
        #expect(delivery.kind == kind && delivery.error.contains("TLS") == (kind == .sender), "\(delivery)")
      }
      let large = await withSender(try server.configuration(port: 1, .starttls, password: password)) {
        await $0.deliver(simple(to: "ann", extra: Array(repeating: "x", count: 200_000)))
      }
      #expect(large.kind == .refused && large.error.contains("552 5.3.4"), "\(large)")
    }
  }

  @Test("it takes no more connections than it likes, and gets all letters on those")
  func crowd() async throws {
    try await MailServer.with(.postfix) { server in
      try await withSender(server.configuration(port: 0)) { sender in
        await withTaskGroup { group in
          for number in 0..<60 {
            group.addTask {
              let delivery = await sender.deliver(simple(to: "bob", id: "c\(number)@shop.example"))
              #expect(delivery.kind == .accepted, "\(delivery)")
            }
          }
        }
      }
    }
  }

  @Test("Dovecot takes mail over LMTP, at a port and at a socket, and refuses whom it does not know")
  func lmtp() async throws {
    try await MailServer.with(.postfix) { server in
      let socket = SMTPServer.Address.unix(path: server.folder.appending(path: "lmtp").path)
      for address in [SMTPServer.Address.tcp(host: "127.0.0.1", port: server.ports[3]), socket] {
        let configuration = SMTPSender.Configuration(
          server: SMTPServer(address, language: .lmtp), timeouts: patient)
        try await withSender(configuration) { sender in
          let letters = try Letter.difficult(to: "ann")
          for (_, letter) in letters {
            let delivery = await sender.deliver(letter)
            #expect(delivery.kind == .accepted && delivery.providerID != nil, "\(delivery)")
          }
          let mails = try await server.mails(of: "ann")
          for (id, letter) in letters { #expect(mails["<\(id)>"] == letter.bytes, "\(id)") }
          let unknown = await sender.deliver(simple(to: "nobody-here"))
          #expect(unknown.kind == .refused && unknown.error.contains("550 5.1.1"), "\(unknown)")
        }
      }
    }
  }

  @Test("its sendmail takes mails byte for byte")
  func sendmail() async throws {
    try await MailServer.with(.postfix) { server in
      try await server.withSendmail { sender in
        let letters = try Letter.difficult(to: "ann")
        for (id, letter) in letters {
          #expect(await sender.deliver(letter) == .accepted(providerID: nil))
          let line = try await server.program.line(containing: "message-id=<\(id)>")
          let queueID = try #require(line.firstMatch(of: /([0-9A-Za-z]+): message-id=/)?.1)
          try await server.delivered(String(queueID))
        }
        let mails = try await server.mails(of: "ann")
        for (id, letter) in letters { #expect(mails["<\(id)>"] == letter.bytes, "\(id)") }
        let large = await sender.deliver(simple(to: "ann", extra: Array(repeating: "x", count: 200_000)))
        #expect(large.kind == .message && large.error.contains("too big"), "\(large)")
      }
    }
  }
}

@Suite("OpenSMTPD as it comes from Debian", .enabled(if: MailServer.isPossible, MailServer.excuse))
struct SendSMTPOpenSMTPDTests {
  @Test("mails arrive byte for byte, and the server may be restarted between them")
  func arrival() async throws {
    try await MailServer.with(.opensmtpd) { server in
      try await withSender(server.configuration(port: 0)) { sender in
        try await deliverAll(by: sender, to: server)
        try await deliverAcrossRestart(by: sender, to: &server)
      }
    }
  }

  @Test("an address that it does not know is refused, and the next one taken")
  func refusals() async throws {
    try await MailServer.with(.opensmtpd) { server in
      try await withSender(server.configuration(port: 0)) { sender in
        let unknown = await sender.deliver(simple(to: "nobody-here"))
        #expect(unknown.kind == .refused, "\(unknown)")
        #expect(await sender.deliver(simple(to: "ann")).kind == .accepted)
      }
    }
  }

  @Test(
    "its encryption does not work with the OpenSSL of Debian 12: it gets neither mail nor password", arguments: [1, 2])
  func submission(port: Int) async throws {
    let mode: SMTPEncryption.Mode = port == 1 ? .starttls : .implicit
    try await MailServer.with(.opensmtpd) { server in
      let configuration = try server.configuration(port: port, mode, password: MailServer.login.password)
      let delivery = await withSender(configuration) { await $0.deliver(simple(to: "ann")) }
      #expect(delivery.kind == .sender && delivery.error.contains("TLS"), "\(delivery)")
    }
  }

  @Test("its sendmail takes mails byte for byte")
  func sendmail() async throws {
    try await MailServer.with(.opensmtpd) { server in
      try await server.withSendmail { sender in
        for user in ["ann", "bob"] {
          let letter = simple(to: user, id: "\(user)@shop.example")
          #expect(await sender.deliver(letter) == .accepted(providerID: nil))
          _ = try await server.program.line(containing: "user=\(user)")
          #expect(try await server.mails(of: user)["<\(user)@shop.example>"] == letter.bytes)
        }
      }
    }
  }
}
