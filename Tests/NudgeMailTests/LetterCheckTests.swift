import NudgeMail
import Testing

@Suite("A letter, as filters see it") struct LetterCheckTests {
  private static let link = "https://shop.example/c/1"
  private static let text = "Hello Ann, you left a mug in your cart. Go on here: \(link)"
  private static let html = "<p>Hello Ann <a href=\"\(link)\">go on</a>"

  private func findings(text: String = text, html: String = html) -> [String] {
    LetterCheck.findings(Rendered(subject: "s", text: text, html: html), link: Self.link).map {
      #expect($0.level == .warning)
      return $0.topic
    }
  }

  @Test("a sound one gives no finding")
  func sound() {
    #expect(findings() == [])
  }

  @Test(
    "what is wrong is told",
    arguments: [
      ("links", "<a HREF = 'http://shop.example'>"), ("links", "<img src=http://shop.example/a.png>"),
      ("links", "<td background=\"http://x.example/\">"),
      ("links", "<p style=\"background: url( 'http://x.example/a')\">"),
      ("HTML", "<SCRIPT>1</SCRIPT>"), ("HTML", "<form action=\"https://x.example\">"), ("HTML", "<iframe src=x>"),
    ])
  func html(topic: String, addition: String) {
    #expect(findings(html: Self.html + addition) == [topic])
  }

  @Test(
    "namespaces and words are no links",
    arguments: [
      "<html xmlns=\"http://www.w3.org/1999/xhtml\">", "<p>formscript href http://</p>", "<scripture>",
      "http://plain.example",
    ])
  func harmless(addition: String) {
    #expect(findings(html: Self.html + addition) == [])
  }

  @Test("the size counts from Gmail's limit on")
  func size() {
    let rest = LetterCheck.mostHTMLBytes - Self.html.utf8.count
    #expect(findings(html: Self.html + String(repeating: "x", count: rest)) == [])
    #expect(findings(html: Self.html + String(repeating: "x", count: rest + 1)) == ["size"])
  }

  @Test("a text part is worth reading")
  func text() {
    #expect(findings(text: "See the web page: \(Self.link)") == ["text"])
    #expect(findings(text: Self.text + "<br/>") == ["text"])
    #expect(findings(text: "Hello Ann, you left a mug in your cart, and we kept it for you.") == ["text"])
    #expect(findings(text: Self.text + " http://shop.example") == ["links"])
    #expect(findings(text: Self.text + " 3 < 4, a > b") == [])
  }

  @Test("of a link, only whose it is is shown")
  func shown() {
    #expect(LetterCheck.shown("http://ann:secret@shop.example/c/1?token=2") == "http://shop.example/…")
    #expect(LetterCheck.shown("http://shop.example") == "http://shop.example/")
    #expect(LetterCheck.shown("http://shop.example?token=2") == "http://shop.example/")
  }
}
