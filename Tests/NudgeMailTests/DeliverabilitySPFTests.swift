import Foundation
import NudgeMail
import TestKit
import Testing

@Suite("SPF") struct DeliverabilitySPFTests {
  @Test(
    "a record's terms are read",
    arguments: [
      "v=spf1", "V=SPF1 -ALL", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all", "v=spf1 a mx ptr -all",
      "v=spf1 a:host.example/24//64 mx//64 mx/0 -all", "v=spf1 include:_spf.example.com ?all", "v=spf1   -all  ",
      "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all", "v=spf1 redirect=_spf.example.com", "v=spf1 exp=e.%{d} -all",
      "v=spf1 a:%{d} -all", "v=spf1 moo=anything%% -all", "v=spf1 include:example.com. -all", "v=spf1 a:x%_y.example",
    ])
  func good(text: String) throws {
    #expect(SPFRecord.isSPF(text))
    _ = try SPFRecord(parsing: text)
  }

  @Test(
    "what every receiver takes for broken is broken",
    arguments: [
      "v=spf1 ip4:192.0.2 -all", "v=spf1 ip4:192.0.2.0/33", "v=spf1 ip4:192.0.2.0/024", "v=spf1 ip4",
      "v=spf1 ip6:::1/129",
      "v=spf1 ip6:192.0.2.1", "v=spf1 all:example.com", "v=spf1 include", "v=spf1 include:", "v=spf1 include:localhost",
      "v=spf1 a:", "v=spf1 a/33", "v=spf1 mx/24/64", "v=spf1 exists", "v=spf1 ptr:", "v=spf1 foo",
      "v=spf1 -foo:bar.example",
      "v=spf1 redirect=", "v=spf1 redirect=a.example redirect=b.example", "v=spf1 exp=a.example exp=b.example",
      "v=spf1 a:%{z}.example", "v=spf1 a:%{d0}.example", "v=spf1 a:%x.example", "v=spf1 include:host.123 -all",
      "v=spf1 \u{E4}:x.example", "v=spf1 --all", "v=spf1, -all x", "v=spf1 include:example.com,-all",
    ])
  func broken(text: String) {
    if !SPFRecord.isSPF(text) { return }
    #expect(throws: SPFError.self) { try SPFRecord(parsing: text) }
  }

  @Test("only a text that begins with the very version is SPF")
  func version() {
    #expect(!["v=spf10 -all", "v=spf1, -all", " v=spf1", "spf1", "v=spf2.0/pra"].contains(where: SPFRecord.isSPF))
  }

  @Test("pyspf agrees on 400 random records, with what they include", arguments: [1, 20_261_122] as [UInt64])
  func oracle(seed: UInt64) async throws {
    var source = SPFSource(seed: seed)
    let zone = source.zone(count: 400)
    let domains = zone.keys.filter { $0.hasPrefix("d") }.sorted()
    try await withNameServer(zone) { port in
      let server = DNSServer(address: "127.0.0.1", port: port)
      let dns = DNSLookups(server: server, patience: .seconds(300))
      let input = Data(domains.joined(separator: "\n").utf8)
      let oracle = try await Program.run(
        Repository.python, [Repository.oracle("spf_record").path, "\(server.port)"], input: input)
      let words = oracle.text.split(separator: "\n").map(String.init)
      try #require(words.count == domains.count, "\(oracle.errorText)")
      var seen: Set<String> = []
      for (domain, answer) in zip(domains, words) {
        let expected = String(answer.prefix { $0 != "\t" })
        let evaluation = await SPFEvaluation.of(domain, dns)
        #expect(evaluation.result.word == expected, "\(domain) \(zone[domain].map { "\($0)" } ?? ""): \(answer)")
        seen.insert(expected)
      }
      #expect(seen == ["none", "pass", "fail", "softfail", "neutral", "permerror"])
    }
  }

  @Test("lookups are counted through all that is included, and a loop ends")
  func lookups() async throws {
    let includes = (1...9).map { "include:i\($0).test" }.joined(separator: " ")
    var zone: Zone = Dictionary(uniqueKeysWithValues: (1...9).map { ("i\($0).test", ZoneEntry.txt("v=spf1 -all")) })
    zone["ten.test"] = .txt("v=spf1 \(includes) a -all")
    zone["eleven.test"] = .txt("v=spf1 \(includes) a mx -all")
    zone["loop.test"] = .txt("v=spf1 include:loop.test -all")
    zone["two.test"] = .txt("v=spf1 -all", "v=spf1 ~all")
    zone["dangling.test"] = .txt("v=spf1 include:nowhere.test -all")
    zone["unsure.test"] = .txt("v=spf1 include:failing.test -all")
    zone["failing.test"] = .word("servfail")
    try await withNameServer(zone) { port in
      let server = DNSServer(address: "127.0.0.1", port: port)
      let dns = DNSLookups(server: server)
      let ten = await SPFEvaluation.of("ten.test", dns)
      #expect(ten.result == .stranger(.fail) && ten.lookups == 10)
      #expect(ten.included == Set((1...9).map { "i\($0).test" }))
      #expect(await SPFEvaluation.of("eleven.test", dns).result == .broken(.lookups))
      #expect(await SPFEvaluation.of("loop.test", dns).result == .broken(.lookups))
      #expect(await SPFEvaluation.of("two.test", dns).result == .broken(.several(domain: "two.test", count: 2)))
      #expect(await SPFEvaluation.of("dangling.test", dns).result == .broken(.missing(domain: "nowhere.test")))
      guard case .unknown = await SPFEvaluation.of("unsure.test", dns).result else {
        Issue.record("what cannot be looked up is not broken")
        return
      }
    }
  }
}

extension SPFEvaluation.Result {
  /// RFC 7208's word for it.
  var word: String {
    switch self {
    case .none: "none"
    case .broken: "permerror"
    case .unknown: "temperror"
    case .stranger(.pass): "pass"
    case .stranger(.fail): "fail"
    case .stranger(.softFail): "softfail"
    case .stranger(.neutral), .stranger(nil): "neutral"
    }
  }
}

/// Random SPF records that include each other, some of them broken.
private struct SPFSource {
  private var state: UInt64
  private static let good = [
    "a:host.test", "mx:mail.test", "ip4:192.0.2.1", "ip4:198.51.100.0/24", "ip6:2001:db8::1", "a:host.test/24",
    "mx:mail.test//64",
    "IP4:192.0.2.7", "+a:host.test", "-a:host.test", "~ip4:192.0.2.9", "exp=host.test", "a:host.test/24//64",
  ]
  private static let bad = [
    "ip4:1.2.3", "ip4:1.2.3.4/33", "a:", "mx/33", "include", "include:", "foo", "foo:host.test", "all:host.test",
    "redirect=", "ip6:::1/129", "exists", "ip4", "ip6:1.2.3.4", "ptr:", "a:host.test/-1", "a:host.test/",
    "ip4:1.2.3.4/",
    "a:%{q}.test", "include:host", "mx:mail.test/24/64", "exists:", "a:host.t%st",
  ]
  private static let ends = ["-all", "~all", "?all", "+all", "all", "-ALL", ""]

  init(seed: UInt64) { state = seed }

  mutating func zone(count: Int) -> Zone {
    var zone: Zone = ["host.test": .a(), "mail.test": .mx("10 host.test."), "i0.test": .txt("other")]
    for number in 1...20 { zone["i\(number).test"] = .txt(record(depth: number)) }
    for number in 1...count { zone["d\(number).test"] = entry() }
    return zone
  }

  private mutating func entry() -> ZoneEntry {
    switch pick(30) {
    case 0: .txt("no spf here")
    case 1: .txt(record(depth: 21), "v=spf1 -all")
    case 2: .a()
    case 3: .txt("site-verification=1", record(depth: 21))
    default: .txt(record(depth: 21))
    }
  }

  /// Includes only records of less depth, so that the number of lookups stays within a small multiple of ten.
  private mutating func record(depth: Int) -> String {
    var terms = (0..<pick(4)).map { _ in Self.good[pick(Self.good.count)] }
    let reach = max(1, min(depth, 21))
    for _ in 0..<pick(3) { terms.append(["include:", "?include:", "-include:"][pick(3)] + "i\(pick(reach)).test") }
    if pick(12) == 0 { terms.append(Self.bad[pick(Self.bad.count)]) }
    if pick(9) == 0 { terms.append("moo=cow") }  // pyspf minds two of them, RFC 7208 does not
    if pick(6) == 0 {
      terms.append("redirect=i\(pick(reach)).test")  // alone: pyspf counts it even where an all makes it idle
    } else {
      if pick(10) == 0 { terms.append("ip4:0.0.0.0/0") }
      terms.append(Self.ends[pick(Self.ends.count)])
    }
    if pick(6) == 0 { terms.append(Self.good[pick(Self.good.count)]) }
    return "v=spf1 " + terms.filter { !$0.isEmpty }.joined(separator: pick(9) == 0 ? "  " : " ")
  }

  private mutating func pick(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(count))
  }
}
