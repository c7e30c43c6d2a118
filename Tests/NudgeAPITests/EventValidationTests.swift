import NudgeAPI
import Testing

private let now = Timestamp(milliseconds: 1_795_348_800_000)  // 2026-11-22T12:00:00Z

/// A wrong event, where it is wrong, and words of the complaint.
struct Wrong: CustomTestStringConvertible, Sendable {
  var members: String
  var pointer: String
  var words: String

  init(_ members: String, _ pointer: String, _ words: String) {
    (self.members, self.pointer, self.words) = (members, pointer, words)
  }

  var testDescription: String { members.count > 80 ? "\(members.prefix(80))…" : members }
}

@Suite("The rules of events") struct EventValidationTests {
  static let complete = """
    {"shop": "default", "checkout_id": "c-1001", "order_id": "o-1", "email": "ann@example.com", "name": "Ann",
     "customer_id": "42", "locale": "de-DE", "time_zone": "Europe/Berlin", "url": "https://shop.example/checkout/c-1001",
     "items": [{"name": "Mug", "quantity": 2, "price": "12.50", "image_url": "https://shop.example/mug.jpg",
                "url": "https://shop.example/mug"}],
     "total": "25.00", "currency": "EUR", "occurred_at": "2026-11-22T12:00:00Z", "metadata": {"any": "thing"}}
    """

  @Test("a complete checkout is read, field by field")
  func readsComplete() throws {
    let event = try CheckoutEvent(JSON(parsing: Self.complete), now: now)
    let item = CartContent.Item(
      name: "Mug", quantity: 2, price: "12.50", imageURL: "https://shop.example/mug.jpg",
      url: "https://shop.example/mug")
    let cart = CartContent(
      name: "Ann", locale: "de-DE", timeZone: "Europe/Berlin", url: "https://shop.example/checkout/c-1001",
      items: [item], total: "25.00", currency: "EUR", metadata: ["any": "thing"])
    #expect(
      event
        == CheckoutEvent(
          shop: "default", checkoutID: "c-1001", orderID: "o-1", email: "ann@example.com", customerID: "42", cart: cart,
          occurredAt: now))
  }

  @Test("two members are enough, and null is not said")
  func readsLeast() throws {
    let event = try CheckoutEvent(
      JSON(parsing: #"{"checkout_id":"c","email":"a@b.example","items":null,"name":null,"metadata":null}"#), now: now)
    #expect(event == CheckoutEvent(checkoutID: "c", email: "a@b.example"))
    #expect(event.shop == "default")
    #expect(try OrderEvent(JSON(parsing: #"{"order_id":"o"}"#), now: now) == OrderEvent(orderID: "o"))
  }

  @Test("an order's id takes the place of the checkout's")
  func orderInPlaceOfCheckout() throws {
    let event = try CheckoutEvent(JSON(parsing: #"{"order_id":"o-1","email":"a@b.example"}"#), now: now)
    #expect(event.checkoutID == "o-1" && event.orderID == "o-1")
  }

  @Test("amounts as numbers are taken digit for digit, and an emptied cart is not an unsaid one")
  func readsAmounts() throws {
    let json = #"{"checkout_id":"c","email":"a@b.example","total":12.50,"items":[{"name":"x","price":0.10}]}"#
    let event = try CheckoutEvent(JSON(parsing: json), now: now)
    #expect(event.cart.total == "12.50")
    #expect(event.cart.items?.first == .init(name: "x", quantity: 1, price: "0.10"))
    let emptied = try CheckoutEvent(
      JSON(parsing: #"{"checkout_id":"c","email":"a@b.example","items":[]}"#), now: now)
    #expect(emptied.cart.items == [])
  }

  @Test(
    "values at the edge of what is allowed are allowed",
    arguments: [
      #""checkout_id": "\#(String(repeating: "x", count: 255))""#,
      #""email": "o'brien+tag.x@sub-domain.example.co.uk""#,
      #""email": "a@müller.example""#, #""email": "a@例え.テスト""#, #""email": "root@localhost""#,
      #""name": "Ann-Kathrin 王 👩‍👩‍👧 é""#,
      #""name": "\#(String(repeating: "é", count: 200))""#, #""locale": "zh-Hant-TW""#, #""locale": "es-419""#,
      #""locale": "sl-rozaj-biske-1994""#, #""locale": "de-DE-u-co-phonebk""#, #""locale": "x-whatever""#,
      #""locale": "i-klingon""#, #""time_zone": "America/Argentina/Buenos_Aires""#, #""time_zone": "UTC""#,
      #""time_zone": "Asia/Calcutta""#, #""url": "HTTP://shop.example""#,
      #""url": "https://shop.example:8443/a?b=c&d=[1]#e""#,
      #""url": "https://[2001:db8::1]/x""#, #""url": "https://shop.example/ü""#, #""total": "0""#, #""total": "0.00""#,
      #""total": 123456789012.123456"#, #""currency": "KWD""#, #""occurred_at": "2026-11-22T12:05:00Z""#,
      #""items": [{"name": "x", "quantity": 1000000}]"#, #""metadata": [1, {"deep": [null]}]"#, #""metadata": "text""#,
      #""shop": "Shop_1.de-AT""#, #""customer_id": "kunde ä / 1""#,
    ])
  func allows(members: String) throws {
    _ = try CheckoutEvent(JSON(parsing: "{\(Self.completed(members))}"), now: now)
  }

  static let wrong: [Wrong] = [
    Wrong(#""checkout_id": """#, "/checkout_id", "must not be empty"),
    Wrong(#""checkout_id": 7"#, "/checkout_id", "must be a string, not a number"),
    Wrong(
      #""checkout_id": "\#(String(repeating: "é", count: 128))""#, "/checkout_id", "at most 255 bytes long, not 256"),
    Wrong(#""checkout_id": "a\nb""#, "/checkout_id", "U+000A"),
    Wrong(#""checkout_id": null"#, "/checkout_id", "is required (order_id may take its place)"),
    Wrong(#""order_id": "\u0000""#, "/order_id", "U+0000"), Wrong(#""customer_id": """#, "/customer_id", "empty"),
    Wrong(#""email": null"#, "/email", "is required"), Wrong(#""email": """#, "/email", "with one @"),
    Wrong(#""email": "ann""#, "/email", "with one @"), Wrong(#""email": "a@b@c""#, "/email", "with one @"),
    Wrong(#""email": "@b.example""#, "/email", "before the @"), Wrong(#""email": "a@""#, "/email", "after the @"),
    Wrong(#""email": "ä@b.example""#, "/email", "only ASCII"), Wrong(#""email": "a b@c.example""#, "/email", "spaces"),
    Wrong(#""email": "a@b .example""#, "/email", "spaces"), Wrong(#""email": ".a@b.example""#, "/email", "dot"),
    Wrong(#""email": "a..b@c.example""#, "/email", "dot"), Wrong(#""email": "a@b..example""#, "/email", "dot"),
    Wrong(#""email": "a@-b.example""#, "/email", "hyphen"), Wrong(#""email": "a@b_c.example""#, "/email", "letters"),
    Wrong(#""email": "\"a\"@b.example""#, "/email", "letters"),
    Wrong(#""email": "a(b)@c.example""#, "/email", "letters"),
    Wrong(#""email": "a@b.example\r\nBcc: x@y.example""#, "/email", "U+000D"),
    Wrong(#""email": "a@[127.0.0.1]""#, "/email", "letters"),
    Wrong(#""email": "\#(String(repeating: "x", count: 65))@b.example""#, "/email", "64 bytes"),
    Wrong(#""email": "a@\#(String(repeating: "x", count: 64)).example""#, "/email", "63 bytes"),
    Wrong(#""email": "a@\#(String(repeating: "xxxxxxx.", count: 40))example""#, "/email", "at most 254 bytes"),
    Wrong(#""name": "Ann\r\nBcc: x""#, "/name", "U+000D"), Wrong(#""name": "a\u0000""#, "/name", "U+0000"),
    Wrong(#""name": "a\u0085b""#, "/name", "U+0085"), Wrong(#""name": "a\u2028b""#, "/name", "U+2028"),
    Wrong(#""name": "a\u2029b""#, "/name", "U+2029"), Wrong(#""name": "\u001b[31m""#, "/name", "U+001B"),
    Wrong(#""name": "  ""#, "/name", "empty"),
    Wrong(#""name": "\#(String(repeating: "a", count: 201))""#, "/name", "200"),
    Wrong(#""name": "\#(String(repeating: "e\u{301}\u{302}\u{303}\u{304}\u{305}", count: 200))""#, "/name", "bytes"),
    Wrong(#""locale": "de_DE""#, "/locale", "write \"de-DE\""), Wrong(#""locale": "german!""#, "/locale", "BCP 47"),
    Wrong(#""locale": """#, "/locale", "BCP 47"), Wrong(#""locale": "d""#, "/locale", "BCP 47"),
    Wrong(#""locale": "de--DE""#, "/locale", "BCP 47"), Wrong(#""locale": "de-u""#, "/locale", "BCP 47"),
    Wrong(#""locale": "de-1996-1996""#, "/locale", "BCP 47"), Wrong(#""locale": "de-x""#, "/locale", "BCP 47"),
    Wrong(#""time_zone": "Berlin""#, "/time_zone", "IANA"), Wrong(#""time_zone": "GMT+2""#, "/time_zone", "IANA"),
    Wrong(#""time_zone": "../../etc/passwd""#, "/time_zone", "IANA"), Wrong(#""time_zone": """#, "/time_zone", "IANA"),
    Wrong(#""url": "ftp://x.example""#, "/url", "http or https"),
    Wrong(#""url": "javascript:alert(1)""#, "/url", "http"),
    Wrong(#""url": "//x.example""#, "/url", "http"), Wrong(#""url": "https://""#, "/url", "http"),
    Wrong(#""url": "https:///path""#, "/url", "host"), Wrong(#""url": "https://:80/""#, "/url", "host"),
    Wrong(#""url": "https://x.example:99999/""#, "/url", "host"), Wrong(#""url": "https://a b/""#, "/url", "spaces"),
    Wrong(#""url": "https://x/\"onclick=""#, "/url", "quotes"), Wrong(#""url": "https://x/\n""#, "/url", "U+000A"),
    Wrong(#""url": "https://x/\#(String(repeating: "a", count: 2048))""#, "/url", "2048 bytes"),
    Wrong(#""total": "12,50""#, "/total", "with a point"), Wrong(#""total": -1"#, "/total", "negative"),
    Wrong(#""total": "-0.01""#, "/total", "negative"), Wrong(#""total": 1e3"#, "/total", "without an exponent"),
    Wrong(#""total": "1.""#, "/total", "decimal"), Wrong(#""total": ".5""#, "/total", "decimal"),
    Wrong(#""total": "1.2.3""#, "/total", "decimal"), Wrong(#""total": """#, "/total", "decimal"),
    Wrong(#""total": "٣""#, "/total", "decimal"), Wrong(#""total": "007""#, "/total", "leading zeros"),
    Wrong(#""total": true"#, "/total", "not a boolean"), Wrong(#""total": "1234567890123""#, "/total", "12 digits"),
    Wrong(#""total": "0.1234567""#, "/total", "6 digits"), Wrong(#""currency": "EURO""#, "/currency", "ISO 4217"),
    Wrong(#""currency": "eur""#, "/currency", "write \"EUR\""), Wrong(#""currency": "QQQ""#, "/currency", "ISO 4217"),
    Wrong(#""occurred_at": "2026-11-22T12:05:00.001Z""#, "/occurred_at", "5 minutes ahead"),
    Wrong(#""occurred_at": "yesterday""#, "/occurred_at", "RFC 3339"),
    Wrong(#""occurred_at": 1795348800"#, "/occurred_at", "must be a string"),
    Wrong(#""occurred_at": "1969-12-31T23:59:59Z""#, "/occurred_at", "1970"),
    Wrong(#""items": {}"#, "/items", "must be an array, not an object"),
    Wrong(#""items": ["Mug"]"#, "/items/0", "object"),
    Wrong(#""items": [{}]"#, "/items/0/name", "is required"),
    Wrong(#""items": [{"name": "x"}, {"name": "y", "quantity": 0}]"#, "/items/1/quantity", "from 1 to 1000000, not 0"),
    Wrong(#""items": [{"name": "x", "quantity": 1.5}]"#, "/items/0/quantity", "whole number"),
    Wrong(#""items": [{"name": "x", "quantity": "2"}]"#, "/items/0/quantity", "whole number, not a string"),
    Wrong(#""items": [{"name": "x", "price": "free"}]"#, "/items/0/price", "decimal"),
    Wrong(#""items": [{"name": "x\ny"}]"#, "/items/0/name", "U+000A"),
    Wrong(#""items": [{"name": "x", "url": "x"}]"#, "/items/0/url", "http"),
    Wrong(#""items": [{"name": "x", "image_url": "data:x"}]"#, "/items/0/image_url", "http"),
    Wrong(#""items": [{"name": "x", "qty": 1}]"#, "/items/0/qty", "not a known field"),
    Wrong(#""shop": "a b""#, "/shop", "letters"), Wrong(#""shop": """#, "/shop", "1 to 64"),
    Wrong(#""shop": "ü""#, "/shop", "ASCII"), Wrong(#""shop": "\#(String(repeating: "a", count: 65))""#, "/shop", "64"),
    Wrong(#""e-mail": "x""#, "/e-mail", "did you mean \"email\""),
    Wrong(#""custmer_id": "1""#, "/custmer_id", "customer_id"),
    Wrong(#""a/b~c": 1"#, "/a~1b~0c", "not a known field"), Wrong(#""type": "checkout""#, "/type", "not a known field"),
  ]

  @Test("a wrong value is refused, with its place and what would be right", arguments: wrong)
  func refuses(wrong: Wrong) throws {
    let json = try JSON(parsing: "{\(Self.completed(wrong.members))}")
    let problem = #expect(throws: Problem.self) { try CheckoutEvent(json, now: now) }
    #expect(problem?.code == .invalid)
    #expect(problem?.errors.count == 1)
    #expect(problem?.errors.first?.pointer == wrong.pointer)
    #expect(problem?.errors.first?.detail.contains(wrong.words) == true, "\(problem?.errors.first?.detail ?? "")")
  }

  @Test("everything that is wrong is said at once")
  func collects() throws {
    let json = try JSON(
      parsing: #"{"email":"x","total":"1,0","items":[{"name":"","quantity":0},{"name":"y","price":"z"}],"nmae":"A"}"#)
    let problem = #expect(throws: Problem.self) { try CheckoutEvent(json, now: now) }
    #expect(
      problem?.errors.map(\.pointer).sorted() == [
        "/checkout_id", "/email", "/items/0/name", "/items/0/quantity", "/items/1/price", "/nmae", "/total",
      ])
  }

  @Test("an order refuses what an order does not say", arguments: ["locale", "time_zone", "checkout"])
  func orderFields(name: String) throws {
    let problem = #expect(throws: Problem.self) {
      try OrderEvent(.object([.init("order_id", "o"), .init(name, "de")]), now: now)
    }
    #expect(problem?.errors.map(\.pointer) == ["/\(name)"])
  }

  @Test("what is no object is refused", arguments: ["[]", "null", "\"x\"", "1"])
  func refusesOthers(text: String) throws {
    let problem = #expect(throws: Problem.self) { try CheckoutEvent(JSON(parsing: text), now: now) }
    #expect(problem?.errors.first == .init(pointer: "", detail: problem?.errors.first?.detail ?? ""))
    #expect(problem?.errors.first?.detail.hasPrefix("must be an object, not") == true)
  }

  /// The members with the two that an event cannot do without, if they are missing.
  private static func completed(_ members: String) -> String {
    var all = members
    if !members.contains("\"checkout_id\"") { all += #", "checkout_id": "c-1""# }
    if !members.contains("\"email\"") { all += #", "email": "ann@example.com""# }
    return all
  }
}
