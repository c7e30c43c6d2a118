import NudgeDomain
import NudgeMail
import Testing

@Suite("The header of a mail") struct ComposeHeaderTests {
  let composer = Composer()

  @Test("is in the usual order, with a Reply-To only if there is one")
  func order() throws {
    let names = [
      "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "X-Auto-Response-Suppress",
      "List-ID", "Content-Type",
    ]
    func read(_ request: MailRequest) throws -> [String] {
      try composer.compose(request).header.map { String($0.prefix { $0 != ":" }) }
    }
    #expect(try read(ComposeMail.request()) == names)
    let answered = ComposeMail.request { $0.replyTo = Mailbox(address: "help@shop.example") }
    #expect(try read(answered) == names[..<2] + ["Reply-To"] + names[2...])
  }

  @Test(
    "shows a name plain, quoted or encoded, whichever it takes",
    arguments: [
      ("Ann", "Ann"),
      ("Ann Lee", "Ann Lee"),
      ("Lee, Ann", #""Lee, Ann""#),
      (#"Ann "A" \ Lee"#, #""Ann \"A\" \\ Lee""#),
      ("Ann  Lee", #""Ann  Lee""#),
      (" Ann", "=?utf-8?B?IEFubg==?="),
      ("Zoë", "=?utf-8?B?Wm/Dqw==?="),
      ("=?utf-8?B?Wm/Dqw==?=", "=?utf-8?B?PT91dGYtOD9CP1dtL0Rxdz09Pz0=?="),
      ("a@b.example", #""a@b.example""#),
    ])
  func name(name: String, written: String) throws {
    let mail = try composer.compose(ComposeMail.request(cart: ComposeMail.cart { $0.name = name }))
    #expect(mail.field("To") == "\(written) <ann@example.com>")
  }

  @Test("cuts encoded words between scalars, 45 bytes at most, and fills the first line")
  func encodedWords() throws {
    let name = String(repeating: "日", count: 40)
    let mail = try composer.compose(ComposeMail.request(cart: ComposeMail.cart { $0.name = name }))
    let words = try #require(mail.field("To")).split(separator: "|").map(String.init)
    #expect(words.map(\.utf8.count) == [72, 73, 71])  // 45, 45 and 30 bytes; the address fits beside the last
    #expect(words.last?.hasSuffix("?= <ann@example.com>") == true)
  }

  @Test("folds a long plain subject at spaces and encodes one that cannot be folded")
  func longSubject() throws {
    func subject(_ shop: String) throws -> String? {
      let request = ComposeMail.request(.reminder(step: 2), cart: Cart()) { $0.from.name = shop }
      return try composer.compose(request).field("Subject")
    }
    let words = Array(repeating: "word", count: 16).joined(separator: " ")
    #expect(
      try subject(words)
        == "Your cart at word word word word word word word word word word word| word word word word word is still here"
    )
    #expect(try subject(String(repeating: "w", count: 77))?.hasPrefix("=?utf-8?B?WW91ciBjYXJ0IGF0IHd3d3") == true)
  }

  @Test(
    "has the date in UTC",
    arguments: [
      (0, "Thu, 01 Jan 1970 00:00:00 +0000"),
      (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
      (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"),
      (4_107_542_399_999, "Sun, 28 Feb 2100 23:59:59 +0000"),
      (4_107_542_400_000, "Mon, 01 Mar 2100 00:00:00 +0000"),
      (1_795_350_600_000, "Sun, 22 Nov 2026 12:30:00 +0000"),
      (253_402_300_799_999, "Fri, 31 Dec 9999 23:59:59 +0000"),
    ] as [(Int64, String)])
  func date(milliseconds: Int64, written: String) throws {
    let request = ComposeMail.request { $0.date = Moment(milliseconds: milliseconds) }
    #expect(try composer.compose(request).field("Date") == written)
  }

  @Test("refuses a date that RFC 5322 cannot write", arguments: [253_402_300_800_000, .min, .max] as [Int64])
  func impossibleDate(milliseconds: Int64) {
    let request = ComposeMail.request { $0.date = Moment(milliseconds: milliseconds) }
    #expect(refusedField(request) == "date")
  }

  @Test("is the same each time, and the boundary differs between mails")
  func determinism() throws {
    let request = ComposeMail.request()
    #expect(try composer.compose(request) == composer.compose(request))
    let other = ComposeMail.request { $0.messageID = "m18.abc123@shop.example" }
    #expect(try composer.compose(request).field("Content-Type") != composer.compose(other).field("Content-Type"))
  }

  @Test("writes international domains as A-labels, in the envelope too")
  func domains() throws {
    let request = ComposeMail.request {
      $0.from.address = "cart@münchen.example"
      $0.to = "ann@пример.рф"
    }
    let mail = try composer.compose(request)
    #expect(mail.sender == "cart@xn--mnchen-3ya.example")
    #expect(mail.recipient == "ann@xn--e1afmkfd.xn--p1ai")
    #expect(mail.field("From") == "Example Shop <cart@xn--mnchen-3ya.example>")
    #expect(mail.field("To") == "Ann <ann@xn--e1afmkfd.xn--p1ai>")
  }

  // MARK: What is refused

  private static let breakers = [
    "\r\nBcc: eve@example.com", "\n", "\r", "\0", "\u{85}", "\u{2028}", "\u{2029}", "\u{7F}", "\t",
  ]

  @Test("never takes a line end or a control character from an event", arguments: breakers)
  func injection(breaker: String) {
    #expect(refusedField(ComposeMail.request(cart: ComposeMail.cart { $0.name = "Ann\(breaker)" })) == "name")
    #expect(refusedField(ComposeMail.request { $0.from.name = "Shop\(breaker)" }) == "from")
    #expect(refusedField(ComposeMail.request { $0.from.address = "cart\(breaker)@shop.example" }) == "from")
    #expect(refusedField(ComposeMail.request { $0.from.address = "cart@shop\(breaker).example" }) == "from")
    #expect(refusedField(ComposeMail.request { $0.to = "ann\(breaker)@example.com" }) == "email")
    #expect(refusedField(ComposeMail.request { $0.to = "ann@example.com\(breaker)" }) == "email")
    #expect(
      refusedField(ComposeMail.request { $0.replyTo = Mailbox(name: breaker, address: "a@b.example") }) == "reply_to")
    #expect(refusedField(ComposeMail.request { $0.messageID = "m1\(breaker)@shop.example" }) == "message_id")
    #expect(refusedField(ComposeMail.request(.order) { $0.orderID = "o-1\(breaker)2" }) == "subject")
  }

  @Test(
    "refuses links that lead to no web page", arguments: ["javascript:alert(1)", "data:text/html,x", "//x.example", ""])
  func links(url: String) {
    #expect(refusedField(ComposeMail.request(cart: ComposeMail.cart { $0.url = url })) == "url")
    #expect(refusedField(ComposeMail.request(cart: ComposeMail.cart { $0.items[0].url = url })) == "items[0].url")
    let cart = ComposeMail.cart { $0.items[0].imageURL = url }
    #expect(refusedField(ComposeMail.request(cart: cart)) == "items[0].image_url")
  }

  private func refusedField(_ request: MailRequest) -> String? {
    do {
      _ = try composer.compose(request)
      return nil
    } catch {
      guard case .refused(let field, _) = error else { return error.description }
      return field
    }
  }
}
