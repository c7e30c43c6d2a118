import Foundation
import NudgeDomain
import NudgeMail
import TestKit
import Testing

/// What a mail looks like is decided by what shows it: a browser engine, here Chromium.
@Suite("The built-in mails in a browser") struct ComposeBrowserTests {
  private struct Page: Encodable {
    var name: String
    var html: String
    /// The addresses that the page may ask for.
    var images: [String]
    /// What must be found wrong with it; of nil, nothing.
    var fault: String?
  }

  @Test("fit phones and desks, are legible in light and dark, and ask for nothing but the items' pictures")
  func looks() async throws {
    try await Self.expectNothingWrong(try Self.pages())
  }

  @Test("would be found out if they did not")
  func positiveControl() async throws {
    let page = try #require(try Self.pages().first)
    let faults = [
      ("overflow", "<div style='width:900px'>x</div></body>"),
      ("outside", "<div style='position:absolute;left:-40px'>x</div></body>"),
      ("clipped", "<div style='height:10px;overflow:hidden;color:#000;background:#fff'>clipped</div></body>"),
      ("contrast", "<p style='background:#fff;color:#999'>pale in any scheme</p></body>"),
      ("contrast", "<p class='card' style='color:#1f2933;background:#fff'>dark on dark</p></body>"),
      ("request", "<img src='https://spy.example/pixel.gif' width='1' height='1' alt=''></body>"),
      ("request", "<link rel='stylesheet' href='https://spy.example/a.css'></body>"),
      ("forbidden", "<form><input></form></body>"),
      ("target", "<a class='button' href='https://shop.example' style='color:#000;background:#fff'>x</a></body>"),
      ("small", "<p style='font-size:9px;color:#000;background:#fff'>small print</p></body>"),
    ]
    let broken = faults.enumerated().map { number, fault in
      Page(
        name: "broken \(number)", html: page.html.replacing("</body>", with: fault.1), images: page.images,
        fault: fault.0)
    }
    try await Self.expectNothingWrong(broken)
  }

  private static func pages() throws -> [Page] {
    let composer = Composer()
    let kinds: [(Message.Kind, last: Bool)] = [
      (.reminder(step: 1), false), (.reminder(step: 2), false), (.reminder(step: 3), false),
      (.reminder(step: 3), true), (.order, false),
    ]
    return try ComposeShopWindow.languages.flatMap { language in
      try kinds.flatMap { kind, last in
        try ComposeShopWindow.carts.map { name, cart in
          var cart = cart
          cart.locale = language
          let request = ComposeMail.request(kind, cart: cart) {
            $0.lastStep = last
            $0.occurredAt = ComposeMail.date
            if name != "bare" { $0.imprint = ComposeShopWindow.imprint }
          }
          return Page(
            name: "\(language) \(kind) \(last ? "last " : "")\(name)", html: try composer.render(request).html,
            images: cart.items.compactMap(\.imageURL))
        }
      }
    }
  }

  private static func expectNothingWrong(_ pages: [Page]) async throws {
    let lines = try pages.map { try JSONEncoder().encode($0) + Data([UInt8(ascii: "\n")]) }
    let pictures = ProcessInfo.processInfo.environment["NUDGED_PICTURES"].map { ["--pictures", $0] } ?? []
    let result = try await Program.run(
      Repository.python, [Repository.oracle("browser").path] + pictures, input: lines.reduce(into: Data()) { $0 += $1 })
    #expect(result.status == 0, "\(result.text.prefix(8_000))\(result.errorText.suffix(2_000))")
    #expect(result.text.hasSuffix("\(pages.count) pages checked, 0 wrong\n"))
  }
}
