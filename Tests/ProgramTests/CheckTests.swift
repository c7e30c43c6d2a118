import Foundation
import NudgeAPI
import TestKit
import Testing

@Suite("nudgectl check") struct CheckTests {
  private static let sound: Zone = [
    "mugs.de": .records(["TXT": ["\"v=spf1 mx -all\""], "MX": ["10 in.mugs.de."]]), "in.mugs.de": .a(),
    "_dmarc.mugs.de": .txt("v=DMARC1; p=quarantine"),
    "s1._domainkey.mugs.de": .txt("k=ed25519; p=\(Data(repeating: 1, count: 32).base64EncodedString())"),
  ]

  @Test("tells of DNS, imprint and links, a group at a time, and exits with 1 only if something does not work")
  func domains() async throws {
    let shop = "from: Mugs <cart@mugs.de>, dkim_selectors: [s1], imprint: [Mugs GmbH, Musterstadt]"
    let well = try await check("{ transport: smtp }", "default: { \(shop) }", Self.sound)
    #expect(well.status == 0, "\(well.text)\(well.errorText)")
    #expect(well.text.contains("\nmugs.de\n  ok       MX "))
    #expect(!well.text.contains("  error  ") && !well.text.contains("publish:"))
    let more = """
      default: { \(shop), reply_to: help@gone.de }
        other: { from: me@gmail.com, imprint: null }
        example: { from: me@shop.example }
      """
    let ill = try await check("{ transport: smtp }", more, Self.sound)
    #expect(ill.status == 1 && ill.errorText.contains("3 things must be mended"), "\(ill.text)\(ill.errorText)")
    for line in [
      "\ngone.de\n  error    MX ", "\ngmail.com\n  error    From ", "\nshop.example\n  error    From ",
      "publish: gone.de. IN MX 10 NAME-OF-YOUR-MAIL-SERVER.\n", "\nshop other\n  warning  imprint ",
      "in 1 of 1 recent open checkouts a link is not https: http://mugs.de/…, for one",
    ] { #expect(ill.text.contains(line), "\(line)\n\(ill.text)") }
  }

  @Test("where no name server answers, it says that it does not know, and exits with 0")
  func silence() async throws {
    let shops = "default: { from: cart@mugs.de, dkim_selectors: [s1] }"
    let result = try await check("{ transport: smtp }", shops, ["mugs.de": .word("servfail")], hears: false)
    #expect(result.status == 0, "\(result.text)\(result.errorText)")
    let rows = result.text.components(separatedBy: "\nmugs.de\n").last?.split(separator: "\n") ?? []
    #expect(rows.count == 4 && rows.allSatisfy { $0.hasPrefix("  warning  ") && $0.contains("  not checked: ") })
  }

  @Test("mail that stays on the machine needs no DNS; a resolver that is none is told")
  func surroundings() async throws {
    let maildir = try await check("{ transport: maildir }", "default: { from: me@shop.example }", [:])
    #expect(maildir.status == 0 && maildir.text.contains("not asked: mail stays on this machine"))
    let clear = "{ transport: smtp, smtp: { host: 192.0.2.25, tls: none } }"
    let read = try await check(clear, "default: { from: cart@mugs.de }", [:])
    #expect(read.text.contains("  warning  smtp ") && read.text.contains("letters go to 192.0.2.25"), "\(read.text)")
    let endpoint = "{ transport: ses, ses: { endpoint: \"http://192.0.2.1\" } }"
    let keys = ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "verysecret"]
    let open = try await check(endpoint, "default: { from: me@shop.example }", [:], environment: keys)
    #expect(open.status == 1 && open.text.contains("http://192.0.2.1 is not https"), "\(open.text)")
    let bad = try await check(
      "{ transport: smtp }", "default: { from: cart@mugs.de }", [:], environment: ["NUDGED_RESOLVER": "dns.example"])
    #expect(bad.status == 1 && bad.text.contains("NUDGED_RESOLVER is dns.example"))
  }

  /// By path, status and body.
  private static let amazon = """
    {
      "/v2/email/account": [200, {
        "SendQuota": {"Max24HourSend": 200, "MaxSendRate": 1, "SentLast24Hours": 0}, "SendingEnabled": true,
        "ProductionAccessEnabled": false, "EnforcementStatus": "PROBATION"
      }],
      "/v2/email/identities/mugs.de": [200, {
        "VerifiedForSendingStatus": true,
        "DkimAttributes": {
          "SigningEnabled": true, "Status": "SUCCESS", "Tokens": ["t1", "t2"], "SigningAttributesOrigin": "AWS_SES"
        },
        "MailFromAttributes": {"MailFromDomain": "b.mugs.de", "MailFromDomainStatus": "PENDING"}
      }],
      "/v2/email/identities/late.de": [200, {
        "VerifiedForSendingStatus": false, "DkimAttributes": {"SigningEnabled": false}
      }]
    }
    """

  @Test("with SES, its keys and its envelope count, and what it says of the account is told")
  func ses() async throws {
    let zone: Zone = [
      "t1._domainkey.mugs.de": .records(["CNAME": ["t1.dkim.amazonses.com."]]), "mugs.de": .mx("10 in.mugs.de."),
      "in.mugs.de": .a(), "b.mugs.de": .txt("v=spf1 include:amazonses.com -all"), "amazonses.com": .txt("v=spf1 -all"),
    ]
    let shops = """
      default: { from: cart@mugs.de, order_from: orders@shop.mugs.de }
        late: { from: cart@late.de, order_from: null }
        unknown: { from: cart@unknown.de, order_from: null }
      """
    let result = try await withJSONServer(Self.amazon) { port in
      let sender = "{ transport: ses, ses: { endpoint: \"http://127.0.0.1:\(port)\" } }"
      let keys = ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "verysecret"]
      return try await check(sender, shops, zone, environment: keys)
    }
    #expect(result.status == 1)
    let missing = "t2._domainkey.mugs.de is missing, so that SES cannot sign for mugs.de"
    for text in [
      "the account is in the sandbox", "under PROBATION", missing,
      "publish: t2._domainkey.mugs.de. IN CNAME t2.dkim.amazonses.com.\n",
      "SES says PENDING of b.mugs.de", "  ok       SPF of b.mugs.de ",
      "publish: b.mugs.de. IN MX 10 feedback-smtp.eu-west-1.amazonses.com.\n",
      "SES has not verified late.de yet", "SES does not sign mail from late.de", "SES does not know unknown.de",
    ] { #expect(result.text.contains(text), "\(text)\n\(result.text)") }
    let below = result.text.components(separatedBy: "\nshop.mugs.de\n").last ?? ""
    #expect(below.contains(missing), "the identity of the domain above signs")
    #expect(!result.text.contains("verysecret"))
  }

  @Test("--json prints the findings as they came")
  func json() async throws {
    let result = try await check("{ transport: smtp }", "default: { from: cart@gone.de }", [:], arguments: ["--json"])
    let findings = try CheckReply(json: JSON(parsing: Array(result.output))).findings
    let exchange = try #require(findings.first { $0.place == "MX of gone.de" })
    #expect(result.status == 1 && exchange.level == .error && exchange.group == "gone.de")
    #expect(exchange.publish == "gone.de. IN MX 10 NAME-OF-YOUR-MAIL-SERVER.")
  }

  /// Runs the verb against a daemon with that configuration, one open checkout, and a name server with that zone.
  private func check(
    _ sender: String, _ shops: String, _ zone: Zone, hears: Bool = true, environment: [String: String] = [:],
    arguments: [String] = []
  ) async throws -> Program.Result {
    try await withTemporaryFolder { folder in
      let yaml = "sender: \(sender)\nshops:\n  \(shops)\n"
      let port = hears ? nil : try await withNameServer(zone) { $0 }  // nobody is there any more
      return try await withNameServer(zone) { live in
        let surroundings = ["NUDGED_RESOLVER": "127.0.0.1:\(port ?? live)"].merging(environment) { $1 }
        let nudged = try await NudgedProgram(in: folder, yaml: yaml, environment: surroundings)
        let event = #"{"checkout_id": "c", "email": "a@b.example", "url": "http://mugs.de/c?token=1"}"#
        let result: Result<Program.Result, any Error>
        do {
          try await nudged.send(.post, "/checkout", event)
          let ctl = ["--socket", nudged.socket] + arguments + ["check"]
          result = .success(try await Program.run(Repository.program("nudgectl"), ctl))
        } catch {
          result = .failure(error)
        }
        nudged.program.signal(SIGKILL)
        await nudged.program.end()
        return try result.get()
      }
    }
  }
}

/// Runs `body` beside an HTTP server that gives these answers.
private func withJSONServer<T>(_ answers: String, _ body: (String) async throws -> T) async throws -> T {
  let server = try Program(Repository.python, [Repository.oracle("json_server").path], input: Data(answers.utf8))
  let result: Result<T, any Error>
  do {
    let line = try await server.line(containing: "ready ")
    result = .success(try await body(String(line.dropFirst("ready ".count))))
  } catch {
    result = .failure(error)
  }
  server.signal(SIGKILL)
  await server.end()
  return try result.get()
}
