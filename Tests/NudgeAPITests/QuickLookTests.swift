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
