import Testing

@testable import NudgeAPI

/// What is seen in one pass over bytes is the same as what Unicode says at length.
@Suite("Looking at bytes alone") struct QuickLookTests {
  @Test("an address is taken or refused as it is at length")
  func addresses() {
    var dice = Dice(seed: 11)
    let pieces = ["a", "Z", "9", ".", ".", "-", "_", "@", "@", "+", "é", "\u{A0}", " ", "\n", "`", "[", "例"]
    for _ in 0..<20_000 {
      let text = (0..<dice.below(10)).map { _ in pieces[dice.below(pieces.count)] }.joined()
      let address = dice.below(2) == 0 ? text : "a\(text)@b\(text.filter { $0 != "@" })c"
      #expect(EmailAddress.complaint(about: address) == EmailAddress.complaintInDetail(about: address), "\(address)")
    }
    for count in [62, 63, 64, 65, 250] {
      for address in [
        String(repeating: "a", count: count) + "@example.com", "a@" + String(repeating: "b", count: count) + ".example",
        "a@" + String(repeating: "b.", count: count) + "example",
      ] {
        #expect(EmailAddress.complaint(about: address) == EmailAddress.complaintInDetail(about: address), "\(count)")
      }
    }
  }

  @Test("an amount is taken or refused as it is at length")
  func amounts() {
    var dice = Dice(seed: 12)
    let pieces = ["0", "0", "1", "9", "25", ".", ".", ",", "-", "e", " ", "é", "1234567", "٣"]
    for _ in 0..<20_000 {
      let text = dice.text(of: pieces, atMost: 6)
      #expect(Amount.complaint(about: text) == Amount.complaintInDetail(about: text), "\(text)")
    }
    for count in 0..<16 {
      let digits = String(repeating: "7", count: count)
      for text in [digits, "\(digits).5", "5.\(digits)"] {
        #expect(Amount.complaint(about: text) == Amount.complaintInDetail(about: text), "\(text)")
      }
    }
  }

  @Test("a link is taken or refused as it is at length")
  func links() {
    var dice = Dice(seed: 13)
    let pieces = [
      "a", "Z9", ".", "-", "_", ":", "80", "/", "/", "?", "#", "@", "[", "]", "%", "{", "|", "\\", "\"", "<", " ", "\n",
      "\u{7F}", "\u{A0}", "é", "例", "https://", "http://",
    ]
    let starts = ["https://", "http://", "HTTPS://", "https:/", "https://shop.example", "http://a", "ftp://a", ""]
    for _ in 0..<40_000 {
      let text = starts[dice.below(starts.count)] + dice.text(of: pieces, atMost: 7)
      #expect(WebAddress.complaint(about: text) == WebAddress.complaintInDetail(about: text), "\(text)")
    }
    for count in 2_025...2_050 {
      let text = "https://shop.example/" + String(repeating: "a", count: count - 21)
      #expect(WebAddress.complaint(about: text) == WebAddress.complaintInDetail(about: text), "\(count)")
    }
  }

  @Test("a language is taken or refused as it is at length")
  func languages() {
    var dice = Dice(seed: 14)
    let pieces = ["de", "DE", "-", "-", "_", "x", "zh", "Hant", "419", "a", "1", "é", "@{", "-DE"]
    for _ in 0..<20_000 {
      let text = dice.text(of: pieces, atMost: 5)
      #expect(LanguageTag.complaint(about: text) == LanguageTag.complaintInDetail(about: text), "\(text)")
    }
  }

  @Test("a line of text is taken or refused as it is at length")
  func lines() {
    var dice = Dice(seed: 15)
    let pieces = ["a", "~", " ", " ", "\u{1F}", "\u{7F}", "\u{85}", "\u{2028}", "é", "\u{301}", "👩‍👩‍👧", "\u{3000}"]
    for _ in 0..<20_000 {
      let text = dice.text(of: pieces, atMost: 9)
      #expect(PlainText.rule(characters: 6)(text) == PlainText.complaintInDetail(about: text, 6), "\(text)")
    }
  }

  @Test("the members of content are written in the order of their names")
  func order() throws {
    let item = CartContent.Item(
      name: "n", quantity: 2, price: "1", imageURL: "https://i.example", url: "https://u.example")
    let cart = CartContent(
      name: "n", locale: "de", timeZone: "Europe/Berlin", url: "https://u.example", items: [item, item], total: "2",
      currency: "EUR", metadata: ["b": 1, "a": ["d": 1, "c": 2]])
    let json = try JSON(parsing: cart.canonical)
    #expect(json.members?.count == 8 && json.array == nil)
    #expect(cart.canonical == json.sorted.text)
  }

  @Test("text that is all space is blank, whatever the space is, and nothing else is")
  func blank() {
    for text in ["", " ", "\t\u{A0}\u{3000}", "\u{2028}"] {
      #expect(PlainText.rule(characters: 9)(text) == "must not be empty", "\(text.debugDescription)")
    }
    for text in ["a", " a", "\u{3000}é", "王", "\u{301}", "\u{3000}\u{600}a"] {
      #expect(PlainText.rule(characters: 9)(text) == nil, "\(text.debugDescription)")
    }
  }
}

extension Dice {
  fileprivate mutating func text(of pieces: [String], atMost count: Int) -> String {
    (0...below(count + 1)).dropFirst().map { _ in pieces[below(pieces.count)] }.joined()
  }
}
