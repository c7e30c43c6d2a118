import Foundation
import NudgeMail
import TestKit
import Testing

/// One domain, what it publishes, and what is to be said of that.
private struct Row: Sendable {
  let name: String
  let topic: String
  let level: DeliverabilityFinding.Level
  let says: String
  var publish: String?
  var envelope = DomainCheck.Envelope.own
  var signing = DomainCheck.Signing.selectors(["s1"])
  let zone: Zone

  init(
    _ name: String, _ topic: String, _ level: DeliverabilityFinding.Level, _ says: String, publish: String? = nil,
    envelope: DomainCheck.Envelope = .own, signing: DomainCheck.Signing = .selectors(["s1"]), _ zone: Zone
  ) {
    self.name = name
    self.topic = topic
    self.level = level
    self.says = says
    self.publish = publish
    self.envelope = envelope
    self.signing = signing
    self.zone = zone
  }
}

@Suite("A domain that mail comes from") struct DeliverabilityDomainTests {
  private static let key2048 = "v=DKIM1; k=rsa; p=" + der(bits: 2_048)
  private static let key1024 = "v=DKIM1; k=rsa; p=" + der(bits: 1_024)
  private static let key768 = "v=DKIM1; k=rsa; p=" + der(bits: 768)

  /// An RSAPublicKey with a modulus of that many bits.
  private static func der(bits: Int) -> String {
    func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
      [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
    }
    let modulus = element(0x02, [0] + Array(repeating: 0xC3, count: bits / 8))
    return Data(element(0x30, modulus + element(0x02, [1, 0, 1]))).base64EncodedString()
  }

  private static let mx: [Row] = [
    Row("mx", "MX", .ok, "answers and bounces go to in.mx.de", ["mx.de": .mx("10 in.mx.de."), "in.mx.de": .a()]),
    Row(
      "no-mx", "MX", .warning, "no record: answers and bounces go to the address of no-mx.de itself",
      publish: "no-mx.de. IN MX 10 NAME-OF-YOUR-MAIL-SERVER.", ["no-mx.de": .a()]),
    Row("only6", "MX", .warning, "no record", publish: "", ["only6.de": .records(["AAAA": ["2001:db8::1"]])]),
    Row("no-host", "MX", .error, "neither an MX record nor an address", publish: "", ["no-host.de": .txt("x")]),
    Row("gone", "MX", .error, "gone.de does not exist", publish: "", [:]),
    Row("null", "MX", .error, "takes no mail (null MX)", ["null.de": .mx("0 .")]),
    Row(
      "lame", "MX", .warning, "a.lame.de has no address; answers and bounces go to b.lame.de",
      ["lame.de": .mx("20 b.lame.de.", "10 a.lame.de."), "b.lame.de": .a()]),
    Row("lamest", "MX", .error, "no address for a.lamest.de", ["lamest.de": .mx("10 a.lamest.de.")]),
    Row("mx-fail", "MX", .warning, "not checked: MX of mx-fail.de", ["mx-fail.de": .word("servfail")]),
  ]

  private static let spf: [Row] = [
    Row("spf", "SPF", .ok, "one record, 2 of at most 10 lookups, strangers fail", ["spf.de": .txt("v=spf1 a mx -all")]),
    Row("soft", "SPF", .ok, "0 of at most 10 lookups, strangers softfail", ["soft.de": .txt("other", "v=spf1 ~all")]),
    Row("plus", "SPF", .error, "lets every server of the world", ["plus.de": .txt("v=spf1 mx +all")]),
    Row("wide", "SPF", .error, "lets every server of the world", ["wide.de": .txt("v=spf1 ip4:0.0.0.0/0 -all")]),
    Row("neutral", "SPF", .warning, "ends in ?all", ["neutral.de": .txt("v=spf1 mx ?all")]),
    Row("open", "SPF", .warning, "has no all", ["open.de": .txt("v=spf1 mx")]),
    Row(
      "two", "SPF", .error, "broken and counts as a failure: two.de has 2 SPF records",
      ["two.de": .txt("v=spf1 a -all", "v=spf1 mx -all")]),
    Row(
      "typo", "SPF", .error, "\"ipv4:192.0.2.1\" cannot be understood", ["typo.de": .txt("v=spf1 ipv4:192.0.2.1 -all")]),
    Row(
      "many", "SPF", .error, "more than 10 lookups",
      ["many.de": .txt("v=spf1 include:x.many.de -all"), "x.many.de": .txt("v=spf1 a a a a a mx mx mx mx mx -all")]),
    Row(
      "no-spf", "SPF", .error, "no DKIM key is known: Gmail, Yahoo and others refuse mail with neither",
      publish: "no-spf.de. IN TXT \"v=spf1 ip4:ADDRESS-OF-YOUR-MAIL-SERVER -all\"", ["no-spf.de": .a()]),
    Row(
      "signed", "SPF", .warning, "DKIM alone has to carry DMARC", publish: "",
      ["signed.de": .a(), "s1._domainkey.signed.de": .txt(key2048)]),
    Row("spf-fail", "SPF", .warning, "not checked: TXT of spf-fail.de", ["spf-fail.de": .word("servfail")]),
    Row(
      "spf-deep", "SPF", .warning, "not checked: TXT of x.spf-deep.de",
      ["spf-deep.de": .txt("v=spf1 include:x.spf-deep.de -all"), "x.spf-deep.de": .word("refused")]),
    Row(
      "ses", "SPF", .ok, "the envelope is amazonses.com's", envelope: .ses(region: "eu-west-1", mailFrom: nil),
      ["ses.de": .a()]),
  ]

  private static func amazon(_ name: String) -> DomainCheck.Envelope {
    .ses(region: "eu-west-1", mailFrom: "bounce.\(name).de")
  }

  private static let mailFrom: [Row] = [
    Row(
      "from1", "SPF of bounce.from1.de", .ok, "the record names amazonses.com", envelope: amazon("from1"),
      [
        "bounce.from1.de": .txt("v=spf1 include:amazonses.com ~all"),
        "amazonses.com": .txt("v=spf1 ip4:192.0.2.0/24 -all"),
      ]),
    Row(
      "from2", "SPF of bounce.from2.de", .error, "does not include amazonses.com",
      publish: "bounce.from2.de. IN TXT \"v=spf1 include:amazonses.com -all\"", envelope: amazon("from2"),
      ["bounce.from2.de": .txt("v=spf1 mx -all")]),
    Row(
      "from3", "SPF of bounce.from3.de", .error, "the MAIL FROM domain has no record", publish: "",
      envelope: amazon("from3"), [:]),
    Row(
      "from4", "MX of bounce.from4.de", .ok, "bounces go to SES", envelope: amazon("from4"),
      ["bounce.from4.de": .mx("10 feedback-smtp.eu-west-1.amazonses.com.")]),
    Row(
      "from5", "MX of bounce.from5.de", .error, "SES wants this one record",
      publish: "bounce.from5.de. IN MX 10 feedback-smtp.eu-west-1.amazonses.com.", envelope: amazon("from5"),
      ["bounce.from5.de": .mx("10 feedback-smtp.eu-west-1.amazonses.com.", "20 mail.from5.de.")]),
    Row(
      "from6", "MX of bounce.from6.de", .warning, "not checked", envelope: amazon("from6"),
      ["bounce.from6.de": .word("servfail")]),
  ]

  private static let dkim: [Row] = [
    Row(
      "dkim", "DKIM", .ok, "the key at s1._domainkey.dkim.de, RSA with 2048 bits",
      ["s1._domainkey.dkim.de": .txt(key2048)]),
    Row("shop.above", "DKIM", .ok, "the key at s1._domainkey.above.de", ["s1._domainkey.above.de": .txt(key2048)]),
    Row("short", "DKIM", .warning, "has 1024 bits; take 2048", ["s1._domainkey.short.de": .txt(key1024)]),
    Row("tiny", "DKIM", .error, "has 768 bits, which receivers ignore", ["s1._domainkey.tiny.de": .txt(key768)]),
    Row(
      "no-key", "DKIM", .error, "no key at s1._domainkey.no-key.de",
      publish: "s1._domainkey.no-key.de. IN TXT \"v=DKIM1; k=rsa; p=PUBLIC-KEY-IN-BASE64\"", ["no-key.de": .a()]),
    Row("revoked", "DKIM", .error, "the key is revoked", ["s1._domainkey.revoked.de": .txt("v=DKIM1; p=")]),
    Row("twice", "DKIM", .error, "has 2 records", ["s1._domainkey.twice.de": .txt(key2048, key1024)]),
    Row(
      "testing", "DKIM", .warning, "marked as a test",
      ["s1._domainkey.testing.de": .txt("t=y; " + key2048.dropFirst("v=DKIM1; ".count))]),
    Row(
      "curve", "DKIM", .warning, "Ed25519",
      ["s1._domainkey.curve.de": .txt("k=ed25519; p=" + Data(repeating: 9, count: 32).base64EncodedString())]),
    Row("none-said", "DKIM", .warning, "not checked: no key is named", signing: .selectors([]), ["none-said.de": .a()]),
    Row("dkim-fail", "DKIM", .warning, "not checked: TXT of s1", ["s1._domainkey.dkim-fail.de": .word("servfail")]),
    Row("nobody", "DKIM", .error, "nobody signs", signing: .nobody("nobody signs"), [:]),
    Row("unknown", "DKIM", .warning, "not checked: SES is away", signing: .unknown("SES is away"), [:]),
  ]

  private static func tokens(_ tokens: String...) -> DomainCheck.Signing { .ses(tokens: tokens, zone: "dkim.ses.de") }

  private static let amazonKeys: [Row] = [
    Row(
      "easy", "DKIM", .ok, "keys of SES that easy.de points to, 2 of them", signing: tokens("t1", "t2"),
      [
        "t1._domainkey.easy.de": .records(["CNAME": ["t1.dkim.ses.de."]]),
        "t2._domainkey.easy.de": .records(["CNAME": ["T2.dkim.ses.de."]]),
      ]),
    Row("flat", "DKIM", .ok, "keys of SES", signing: tokens("t1"), ["t1._domainkey.flat.de": .txt(key2048)]),
    Row(
      "half", "DKIM", .error, "t2._domainkey.half.de is missing, so that SES cannot sign for half.de",
      publish: "t2._domainkey.half.de. IN CNAME t2.dkim.ses.de.", signing: tokens("t1", "t2"),
      ["t1._domainkey.half.de": .records(["CNAME": ["t1.dkim.ses.de."]])]),
    Row(
      "astray", "DKIM", .error, "points to elsewhere.de, not to t1.dkim.ses.de",
      publish: "t1._domainkey.astray.de. IN CNAME t1.dkim.ses.de.", signing: tokens("t1"),
      ["t1._domainkey.astray.de": .records(["CNAME": ["elsewhere.de."]])]),
    Row(
      "ses-fail", "DKIM", .warning, "not checked: CNAME of t1", signing: tokens("t1"),
      ["t1._domainkey.ses-fail.de": .word("servfail")]),
  ]

  private static let dmarc: [Row] = [
    Row("dmarc", "DMARC", .ok, "p=reject", ["_dmarc.dmarc.de": .txt("v=DMARC1; p=reject")]),
    Row("sub.dmarc", "DMARC", .ok, "p=reject, from dmarc.de", ["sub.dmarc.de": .a()]),
    Row(
      "a.b.spared", "DMARC", .ok, "p=none, from spared.de",
      ["_dmarc.spared.de": .txt("v=DMARC1; p=reject; sp=none; rua=mailto:x@y.de")]),
    Row(
      "watch", "DMARC", .ok, "p=none: once the reports",
      ["_dmarc.watch.de": .txt("other", "v=DMARC1; p=none; rua=mailto:x@y.de")]),
    Row("blind", "DMARC", .warning, "without rua=", ["_dmarc.blind.de": .txt("v=DMARC1; p=none")]),
    Row(
      "no-dmarc", "DMARC", .warning, "no record",
      publish: "_dmarc.no-dmarc.de. IN TXT \"v=DMARC1; p=none; rua=mailto:postmaster@no-dmarc.de\"",
      ["no-dmarc.de": .a()]),
    Row(
      "dmarcs", "DMARC", .error, "has 2 records", ["_dmarc.dmarcs.de": .txt("v=DMARC1; p=none", "v=DMARC1; p=reject")]),
    Row("dmarc-bad", "DMARC", .error, "p=deny cannot be understood", ["_dmarc.dmarc-bad.de": .txt("v=DMARC1; p=deny")]),
    Row(
      "dmarc-fail", "DMARC", .warning, "not checked: TXT of _dmarc.dmarc-fail.de",
      ["_dmarc.dmarc-fail.de": .word("servfail")]),
  ]

  @Test("each state of each record is told, with the record to publish")
  func rows() async throws {
    let rows = Self.mx + Self.spf + Self.mailFrom + Self.dkim + Self.amazonKeys + Self.dmarc
    let zone = rows.reduce(into: Zone()) { $0.merge($1.zone) { $1 } }
    try await withNameServer(zone) { port in
      let server = DNSServer(address: "127.0.0.1", port: port)
      for row in rows {
        let dns = DNSLookups(server: server, patience: .seconds(600))
        let domain = "\(row.name).de"
        let check = DomainCheck(domain: domain, envelope: row.envelope, signing: row.signing, dns: dns)
        let findings = await check.findings().filter { $0.topic == row.topic }
        guard let finding = findings.first(where: { $0.level == row.level }) else {
          Issue.record("\(domain): \(findings)")
          continue
        }
        #expect(finding.detail.contains(row.says), "\(domain)")
        if row.publish != "" { #expect(finding.publish == row.publish, "\(domain)") }
        #expect((finding.publish != nil) == (row.publish != nil), "\(domain)")
      }
    }
  }

  @Test(
    "where no name server answers, nothing is called missing",
    arguments: [
      DomainCheck.Envelope.own, .ses(region: "eu-west-1", mailFrom: "bounce.shop.de"),
    ])
  func silence(envelope: DomainCheck.Envelope) async throws {
    let server = DNSServer(address: "127.0.0.1", port: try await withNameServer([:]) { $0 })
    for signing in [DomainCheck.Signing.selectors(["s1", "s2"]), .ses(tokens: ["t"], zone: "x.de"), .unknown("y")] {
      let dns = DNSLookups(server: server)
      let findings = await DomainCheck(domain: "shop.de", envelope: envelope, signing: signing, dns: dns).findings()
      #expect(findings.count >= 4)
      for finding in findings {
        #expect(finding.level == .warning && finding.detail.hasPrefix("not checked: "), "\(finding)")
        #expect(finding.publish == nil)
      }
    }
  }

  @Test("the way up to a DMARC record is cut short for long names")
  func longName() async throws {
    let labels = (1...12).map { "l\($0)" }.joined(separator: ".")
    let zone: Zone = [
      "_dmarc.l11.l12.long.de": .txt("v=DMARC1; p=reject"),
      "_dmarc.l2.\(labels.dropFirst(6)).long.de": .txt("v=DMARC1; p=none"),
    ]
    try await withNameServer(zone) { port in
      let server = DNSServer(address: "127.0.0.1", port: port)
      let result = await DMARCSearch.of("\(labels).long.de", DNSLookups(server: server))
      guard case .record(let record, let place) = result else {
        Issue.record("\(result)")
        return
      }
      #expect(record.policy == .reject && place == "l11.l12.long.de")
    }
  }
}
