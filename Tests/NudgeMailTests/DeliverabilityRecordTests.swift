import Foundation
import NudgeMail
import TestKit
import Testing

@Suite("DKIM keys and DMARC records") struct DeliverabilityRecordTests {
  @Test(
    "dkimpy agrees on the length of keys, in both forms and with spaces in them", arguments: [1024, 1536, 2048, 3072])
  func keys(bits: Int) async throws {
    let script = Repository.oracle("dkim_key").path
    let made = try await Program.run(Repository.python, [script, "generate", "\(bits)"])
    var records = made.text.split(separator: "\n").map(String.init)
    try #require(records.count == 2, "\(made.errorText)")
    records += [records[0].replacing("; ", with: " ;\t"), records[0].replacing("v=DKIM1; k=rsa; ", with: "")]
    records += [records[0].replacing("p=", with: "t=s; p="), records[1] + ";"]
    records += [
      String(records[0].dropLast(60)), "v=DKIM1; p=QUJD", "v=DKIM1; k=rsa", "v=DKIM2; p=QUJD", "v=DKIM1 p=QUJD",
    ]
    let input = Data(records.joined(separator: "\n").utf8)
    let read = try await Program.run(Repository.python, [script, "read"], input: input)
    let words = read.text.split(separator: "\n").map(String.init)
    try #require(words.count == records.count, "\(read.errorText)")
    #expect(words.first == "\(bits)" && words.last == "none")
    for (record, expected) in zip(records, words) {
      let key = try? DKIMKey(parsing: record)
      let word = key.map { $0.kind == .ed25519 ? "256" : Self.bits($0) } ?? "none"
      #expect(word == expected, "\(record)")
    }
  }

  private static func bits(_ key: DKIMKey) -> String {
    if case .rsa(let bits) = key.kind { return "\(bits)" }
    return "none"
  }

  @Test("a key that does not count says why")
  func badKeys() {
    let key = Data(repeating: 7, count: 32).base64EncodedString()
    let rows: [(String, DKIMKeyError)] = [
      ("v=DKIM1; p=", .revoked), ("v=DKIM1; k=rsa", .noKey), ("v=DKIM2; p=\(key)", .version),
      ("k=rsa; v=DKIM1; p=x", .version),
      ("v=DKIM1; k=dsa; p=\(key)", .unknownKind("dsa")), ("v=DKIM1; s=tlsrpt; p=\(key)", .otherService),
      ("v=DKIM1; k=ed25519; p=AAAA", .unreadable), ("v=DKIM1; p=\(key)", .unreadable), ("v=DKIM1; p=!", .unreadable),
      ("hello", .syntax), ("v=DKIM1; p=\(key); p=\(key)", .syntax),
    ]
    for (record, expected) in rows {
      #expect(throws: expected, "\(record)") { try DKIMKey(parsing: record) }
    }
  }

  @Test("flags and the kind of a key are read")
  func flags() throws {
    let key = Data(repeating: 7, count: 32).base64EncodedString()
    let test = try DKIMKey(parsing: "v=DKIM1; k=ed25519; t=s:y; s=email:other; n=note; p=\(key)")
    #expect(test.isTest && test.kind == .ed25519)
    #expect(try !DKIMKey(parsing: "k=ed25519; t=s; p=\(key)").isTest)
  }

  @Test("a DMARC record is read")
  func dmarc() throws {
    let full = try DMARCRecord(
      parsing:
        "v=DMARC1; p=Reject; sp=quarantine; adkim=s; aspf=r; pct=100; rua=mailto:a@x.example, mailto:b@y.example!10m;")
    #expect(full.policy == .reject && full.subdomainPolicy == .quarantine && full.isStrictDKIM && !full.isStrictSPF)
    #expect(full.hasReports)
    #expect(try DMARCRecord(parsing: "v = DMARC1 ;p=none").policy == .none)
    #expect(try DMARCRecord(parsing: "v=DMARC1; rua=mailto:a@x.example").policy == .none)
  }

  @Test("a DMARC record that does not count says why")
  func badDMARC() {
    let rows: [(String, DMARCError)] = [
      ("v=DMARC1", .noPolicy), ("v=DMARC1; p=deny", .value("p", "deny")), ("v=DMARC1 p=none", .syntax),
      ("v=DMARC1; p=none; pct=101", .value("pct", "101")), ("v=DMARC1; p=none; adkim=x", .value("adkim", "x")),
      ("v=DMARC1; p=none; rua=a@x.example", .value("rua", "a@x.example")), ("v=DMARC1; p=none; p=reject", .syntax),
      ("v=DMARC1; p=none; sp=", .value("sp", "")), ("p=none; v=DMARC1", .syntax),
    ]
    for (record, expected) in rows {
      #expect(throws: expected, "\(record)") { try DMARCRecord(parsing: record) }
    }
    #expect(!DMARCRecord.isDMARC("v=DMARC10; p=none") && !DMARCRecord.isDMARC("v=spf1 -all"))
  }

  @Test("names of mailbox providers and names that are nobody's are known")
  func names() {
    for domain in ["gmail.com", "GMX.net", "gmx.de", "yahoo.co.uk", "yahoo.com", "web.de"] {
      #expect(MailDomain.isFreemail(domain), "\(domain)")
    }
    for domain in ["shop.de", "mail.gmail.com", "yahoo.myshop.com", "outlook-shop.com", "liveshop.com"] {
      #expect(!MailDomain.isFreemail(domain), "\(domain)")
    }
    for domain in [
      "shop.example", "example.com", "mail.example.org", "localhost", "shop.test", "x.local", "box.home.arpa",
    ] {
      #expect(MailDomain.isReserved(domain), "\(domain)")
    }
    for domain in ["myexample.com", "example.de", "shop.de", "test.com"] {
      #expect(!MailDomain.isReserved(domain), "\(domain)")
    }
  }
}
