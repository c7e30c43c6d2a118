import Foundation
import NudgeMail
import TestKit
import Testing

@Suite("DNS") struct DeliverabilityDNSTests {
  private static let long = String(repeating: "x", count: 250) + String(repeating: "y", count: 450)

  @Test("records are read as they are published, and what is not there is told from what nobody can say")
  func answers() async throws {
    let zone: Zone = [
      "text.test": .txt("v=spf1 -all", "other"), "long.test": .txt(Self.long),
      "alias.test": .records(["CNAME": ["text.test."]]),
      "mail.test": .mx("10 mx1.test.", "20 mx2.test."), "null.test": .mx("0 ."), "host.test": .a(),
      "deep.below.test": .a(), "failing.test": .word("servfail"), "refusing.test": .word("refused"),
    ]
    let rows: [(String, DNSQuestion.Kind, DNSAnswer)] = [
      ("text.test", .txt, .records([.init(text: "v=spf1 -all"), .init(text: "other")])),
      ("TEXT.test", .txt, .records([.init(text: "v=spf1 -all"), .init(text: "other")])),
      ("long.test", .txt, .records([.init(text: Self.long)])),
      ("alias.test", .txt, .records([.init(text: "v=spf1 -all"), .init(text: "other")])),
      ("alias.test", .cname, .records([.init(text: "text.test")])),
      ("mail.test", .mx, .records([.init(text: "mx1.test", preference: 10), .init(text: "mx2.test", preference: 20)])),
      ("null.test", .mx, .records([.init(text: ".")])),
      ("host.test", .a, .records([.init(text: "")])),
      ("host.test", .txt, .nothing(nameExists: true)),
      ("below.test", .txt, .nothing(nameExists: true)),
      ("nowhere.test", .txt, .nothing(nameExists: false)),
      ("failing.test", .txt, .unknown("no name server had an answer")),
    ]
    try await withNameServer(zone) { port in
      let server = DNSServer(address: "127.0.0.1", port: port)
      let dns = DNSLookups(server: server)
      for (name, kind, expected) in rows {
        let answer = await dns.answer(name, kind)
        #expect(answer == expected, "\(kind) of \(name)")
      }
      guard case .unknown = await dns.answer("refusing.test", .txt) else {
        Issue.record("a refusal is no answer")
        return
      }
    }
  }

  @Test(
    "a name server that does not answer, over UDP or TCP, costs the time allowed and no more",
    arguments: [
      "silent", "hanging",
    ])
  func silence(word: String) async throws {
    try await withNameServer(["quiet.test": .word(word)]) { port in
      let server = DNSServer(address: "127.0.0.1", port: port)
      let dns = DNSLookups(server: server, patience: .milliseconds(200))
      async let first = dns.answer("quiet.test", .txt)
      async let second = dns.answer("quiet.test", .mx)
      for answer in await [first, second] {
        guard case .unknown = answer else {
          Issue.record("\(answer)")
          continue
        }
      }
    }
  }

  @Test("a port where nobody listens is no answer")
  func nobody() async throws {
    let server = DNSServer(address: "127.0.0.1", port: try await withNameServer([:]) { $0 })
    let answer = await DNSLookups(server: server).answer("shop.test", .txt)
    #expect(answer == .unknown("no name server had an answer"))
  }

  @Test("a name that cannot be one is no question")
  func badName() async throws {
    try await withNameServer([:]) { port in
      let server = DNSServer(address: "127.0.0.1", port: port)
      let answer = await DNSLookups(server: server).answer(String(repeating: "a", count: 70) + ".test", .txt)
      guard case .unknown = answer else {
        Issue.record("\(answer)")
        return
      }
    }
  }

  @Test("a server's address is read, with or without a port")
  func addresses() {
    #expect(DNSServer(parsing: "127.0.0.1:5353") == DNSServer(address: "127.0.0.1", port: 5353))
    #expect(DNSServer(parsing: "192.0.2.53") == DNSServer(address: "192.0.2.53", port: 53))
    for text in [
      "", "localhost", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:+53", "127.0.0", "::1", "256.0.0.1",
      "1.2.3.4:5:6",
    ] {
      #expect(DNSServer(parsing: text) == nil, "\(text)")
    }
  }
}
