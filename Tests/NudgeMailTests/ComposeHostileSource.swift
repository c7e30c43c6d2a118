import NudgeDomain
import NudgeMail

/// Requests whose every text tries to break a mail. Equal seeds give equal requests.
struct HostileSource {
  private var state: UInt64

  /// What goes into a header's line: all but what is refused there.
  private static let pieces = [
    "a", "Zoë", "日本語のとても長い名前", "مرحبا بالعالم", "👩‍👩‍👧‍👦", "e\u{301}", "\u{202E}txet", "\u{200B}", "\u{FEFF}",
    "=?utf-8?Q?x?=", "=?", "?=", "=?iso-8859-1?B?4Q==?= ", "\"", "\\", "'", ",", ";", ":", "<", ">", "(", ")", "[", "]",
    "@", "@evil.example>", ".", "..", "From ", " ", "  ", "=", "=0A", "=\u{1F600}", "%0D%0A", "&#13;",
    "Bcc: x@y.example",
    "--", "--=_nudged_1", "{{metadata.text}}", "{{{x}}}", "<script>alert(1)</script>", "\" onclick=\"x", "\"\u{301}>",
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
    "the quick brown fox jumps over the lazy dog", "\u{10FFFD}", "\u{E000}", "ﷺ", "क्षि", "ß", "İ", "\u{A0}", "\u{3000}x",
  ]
  /// What may stand in a text besides.
  private static let textPieces = [
    "\r\n", "\n", "\r", "\n\n", "\r\n.\r\n", "\n.", "\nFrom ", "\n..", "\t", " \n", "\t\r\n", "\u{0}", "\u{7}",
    "\u{1B}[31m",
    "\u{85}", "\u{2028}", "\u{2029}", "\u{7F}", "\n--", "\n--=_nudged_", "\nFrom: x", ".\n", "From \n", "\n=",
    String(repeating: "x", count: 75) + ".", String(repeating: "x", count: 75) + "From y",
    String(repeating: "x", count: 75) + " ", String(repeating: "x", count: 76), String(repeating: "日", count: 30),
  ]
  private static let domains = [
    "shop.example", "münchen.example", "пример.рф", "日本語.jp", "a.b.c.d.example", "localhost",
    "a-very-long-label-that-is-still-allowed.another-very-long-label-that-is-still-allowed.example",
  ]
  private static let locals = [
    "cart", "ann.b", "a+tag", "o'hara", "!#$%&'*+-/=?^_`{|}~", "=?x?=", String(repeating: "l", count: 64),
  ]

  init(seed: UInt64) {
    state = seed
  }

  mutating func number(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[number(below: elements.count)]
  }

  /// Text without a line end, from 1 piece to 12.
  mutating func line() -> String {
    (0...number(below: 12)).map { _ in pick(Self.pieces) }.joined()
  }

  mutating func text() -> String {
    "x" + (0...number(below: 40)).map { _ in pick(number(below: 2) == 0 ? Self.pieces : Self.textPieces) }.joined()
  }

  private mutating func address() -> String {
    pick(Self.locals) + "@" + pick(Self.domains)
  }

  private mutating func name() -> String? {
    number(below: 4) == 0 ? nil : line()
  }

  private mutating func item() -> Cart.Item {
    let url = "https://shop.example/?q=%22%3E&x='\"<>"
    return Cart.Item(
      name: number(below: 2) == 0 ? line() : text(), quantity: number(below: 1_000) + 1,
      price: pick([nil, "0", "12.50", "-3.333", "99999999999999999999.99", "1e9", "free"]),
      imageURL: pick([nil, url]), url: pick([nil, url]))
  }

  mutating func request(metadata: TemplateValue) -> MailRequest {
    let cart = Cart(
      name: name(), locale: pick([nil, "de-DE", "fr", "es-MX", "it", "nl-BE", "ar-EG", "ja", "xx-nonsense", "\u{0}"]),
      timeZone: pick([nil, "Europe/Berlin", "Nowhere/At_All"]),
      url: pick([nil, "http://a.example"]),
      items: (0..<number(below: 6)).map { _ in item() }, total: pick([nil, "1", "0.001", "1.50"]),
      currency: pick([nil, "EUR", "JPY", "KWD", "QQQ", "<b>"]), metadata: metadata)
    return MailRequest(
      kind: number(below: 4) == 0 ? .order : .reminder(step: number(below: 5) + 1), shop: "default",
      from: Mailbox(name: name(), address: address()),
      replyTo: number(below: 2) == 0 ? nil : Mailbox(name: name(), address: address()), to: address(), cart: cart,
      messageID: "m\(number(below: 1_000_000)).\(pick(["abc", String(repeating: "i", count: 80)]))@shop.example",
      date: Moment(milliseconds: Int64(number(below: 4_000_000_000)) * 1_000),
      occurredAt: pick([nil, Moment(milliseconds: 1_795_350_600_000)]),
      lastStep: number(below: 2) == 0, imprint: number(below: 2) == 0 ? [] : [line(), line()])
  }
}
