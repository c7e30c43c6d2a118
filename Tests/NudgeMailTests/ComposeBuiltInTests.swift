import Foundation
import NudgeDomain
import NudgeMail
import Testing

@Suite("The built-in templates") struct ComposeBuiltInTests {
  /// Gmail cuts a message off after 102 kB.
  static let largest = 100_000
  let composer = Composer()

  static let carts: [Cart] = [
    Cart(), Cart(url: "https://shop.example"), Cart(total: "5"), Cart(name: "Ann", items: [.init(name: "Mug")]),
    ComposeMail.cart(),
    ComposeMail.cart { cart in
      cart.items = (1...50).map {
        .init(
          name: "Wool blanket number \($0), extra long, hand-woven by people who like wool", quantity: $0,
          price: "\($0).95", imageURL: "https://cdn.shop.example/pictures/blankets/\($0)/large.jpg?width=400",
          url: "https://shop.example/products/blankets/\($0)")
      }
    },
  ]

  @Test("fill in for every kind of mail, whatever is missing", arguments: ComposeMail.kinds, carts)
  func completeness(kind: Message.Kind, cart: Cart) throws {
    for lastStep in [false, true] {
      let rendered = try composer.render(ComposeMail.request(kind, cart: cart) { $0.lastStep = lastStep })
      #expect(!rendered.subject.isEmpty && rendered.subject.count < 100)
      #expect(!rendered.text.contains("{{") && !rendered.html.contains("{{"))
      #expect(!rendered.text.contains("  ,") && !rendered.text.contains(" ."))
      #expect(rendered.html.utf8.count < Self.largest)
      #expect(rendered.text.split(separator: "\n").allSatisfy { $0.count <= 76 || $0.hasPrefix("http") })
    }
  }

  @Test("are accessible and carry nothing that runs or watches", arguments: ComposeMail.kinds, carts)
  func accessibility(kind: Message.Kind, cart: Cart) throws {
    let html = try composer.render(ComposeMail.request(kind, cart: cart)).html
    #expect(html.contains(#"<html lang="en" dir="ltr">"#))
    let rows = cart.items.count + (cart.items.isEmpty || cart.total == nil ? 0 : 1)
    #expect(count("<title>[^<]+</title>", in: html) == 1)
    #expect(count("<h1[ >]", in: html) == 1)
    #expect(count("<img ", in: html) == cart.items.count { $0.imageURL != nil })
    #expect(count("<img ", in: html) == count(#"<img [^>]*alt="[^"]+""#, in: html))
    #expect(count("<table ", in: html) - count(#"<table [^>]*role="presentation""#, in: html) == (rows > 0 ? 1 : 0))
    #expect(count(#"<th [^>]*scope="row""#, in: html) == rows)
    #expect(
      count(#"<(script|form|iframe|link|object|input)|@import|url\(|javascript:|<[^>]* on[a-z]+="#, in: html) == 0)
    for tag in ["table", "tr", "td", "th", "div", "span", "p", "a", "h1", "strong"] {
      #expect(count("<\(tag)[ >]", in: html) == count("</\(tag)>", in: html), "<\(tag)>")
    }
  }

  private func count(_ pattern: String, in text: String) -> Int {
    guard let expression = try? Regex(pattern) else { return -1 }  // a mistake in a test, and it fails
    return text.matches(of: expression).count
  }

  @Test("have a button to the checkout exactly if there is an address", arguments: ComposeMail.kinds)
  func button(kind: Message.Kind) throws {
    let with = try composer.render(ComposeMail.request(kind))
    #expect(with.html.contains(#"<a class="button" href="https://shop.example/checkout/c-1001""#))
    #expect(with.text.contains("\nhttps://shop.example/checkout/c-1001\n"))
    let without = try composer.render(ComposeMail.request(kind, cart: ComposeMail.cart { $0.url = nil }))
    #expect(!without.html.contains(#"class="button""#) && !without.text.contains("checkout/"))
  }

  @Test("show an item's own link, never the checkout's in its place")
  func itemLink() throws {
    let cart = ComposeMail.cart { $0.items[0].url = nil }
    let html = try composer.render(ComposeMail.request(cart: cart)).html
    #expect(count(#"href="[^"]*"[^>]*>Mug"#, in: html) == 0)
  }

  @Test("say that a reminder is the last one only if it is")
  func last() throws {
    for kind in ComposeMail.kinds.dropLast() {
      let last = try composer.render(ComposeMail.request(kind) { $0.lastStep = true })
      let other = try composer.render(ComposeMail.request(kind))
      #expect(last.text.contains("the last reminder") && last.html.contains("the last reminder"))
      #expect(!other.text.contains("last") && !other.html.contains("the last reminder"))
    }
  }

  @Test("have a text part with the items in columns")
  func text() throws {
    let cart = ComposeMail.cart {
      $0.items = [
        .init(name: "Mug", quantity: 2, price: "12.50"), .init(name: "有田焼の茶碗\n手描き", quantity: 1, price: "89"),
        .init(name: "Wool blanket, extra long, hand-woven in a village", quantity: 12, price: "1234"),
        .init(name: "Tea 🍵", quantity: 1),
      ]
      $0.total = "14922"
    }
    let text = try composer.render(ComposeMail.request(cart: cart)).text.replacing("\u{A0}", with: " ")
    let list = """
       2 × Mug                                                 25,00 €
       1 × 有田焼の茶碗 手描き                                 89,00 €
      12 × Wool blanket, extra long, hand-woven in a       14.808,00 €
           village
       1 × Tea 🍵
      ----------------------------------------------------------------
      Total                                                14.922,00 €
      """
    #expect(text.contains(list))
  }

  @Test("pass their own check")
  func check() throws {
    try TemplateSet.builtIn.check()
  }
}
