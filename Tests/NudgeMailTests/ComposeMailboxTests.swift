import NudgeMail
import Testing

@Suite("A mailbox") struct ComposeMailboxTests {
  @Test(
    "is read from what people write",
    arguments: [
      ("cart@shop.example", nil, "cart@shop.example"),
      (" <cart@shop.example> ", nil, "cart@shop.example"),
      ("Example Shop <cart@shop.example>", "Example Shop", "cart@shop.example"),
      (#""Shop, the \"best\"" <cart@shop.example>"#, #"Shop, the "best""#, "cart@shop.example"),
      ("Zoë's Café<cart@shop.example>", "Zoë's Café", "cart@shop.example"),
      (#""" <cart@shop.example>"#, nil, "cart@shop.example"),
      ("root@localhost", nil, "root@localhost"),
    ] as [(String, String?, String)])
  func reads(text: String, name: String?, address: String) throws {
    #expect(try Mailbox(parsing: text) == Mailbox(name: name, address: address))
  }

  @Test(
    "is refused if no mail could be sent to it",
    arguments: [
      "", "shop.example", "@shop.example", "cart@", "a b@shop.example", "a..b@shop.example", ".a@shop.example",
      "ä@shop.example", "cart@-shop.example", "cart@shop..example", "cart@shop_x.example", "cart@[127.0.0.1]",
      "cart@a\u{200D}b.example", "cart@shop.example/x", "Shop <a@b.example> <c@d.example>", "Shop <cart@shop.example",
      #""Shop <cart@shop.example>"#, #""a"b" <cart@shop.example>"#, "Shop\r\nBcc: x <cart@shop.example>",
      "\(String(repeating: "a", count: 65))@shop.example", "a@\(String(repeating: "a", count: 64)).example",
      "a@\(Array(repeating: "abcdefg", count: 32).joined(separator: "."))",
    ])
  func refuses(text: String) {
    #expect(throws: MailboxError.self) { try Mailbox(parsing: text) }
  }

  @Test("says its domain in ASCII")
  func domain() throws {
    #expect(try Mailbox(parsing: "Shop <cart@münchen.example>").asciiDomain == "xn--mnchen-3ya.example")
  }
}
