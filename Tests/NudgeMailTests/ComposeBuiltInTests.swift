import Foundation
import NudgeDomain
import Testing

@testable import NudgeMail

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
    #expect(html.contains(#"<html lang="\#(cart.locale == nil ? "en" : "de")" dir="ltr">"#))
    let shown = ShownItems(cart.items).items.count
    let rows = shown + (cart.items.isEmpty || cart.total == nil ? 0 : 1)
    #expect(count("<title>[^<]+</title>", in: html) == 1)
    #expect(count("<h1[ >]", in: html) == 1)
    #expect(count("<img ", in: html) == cart.items.prefix(shown).count { $0.imageURL != nil })
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
      let cart = ComposeMail.cart { $0.locale = "en-GB" }
      let last = try composer.render(ComposeMail.request(kind, cart: cart) { $0.lastStep = true })
      let other = try composer.render(ComposeMail.request(kind, cart: cart))
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
      Summe                                                14.922,00 €
      """
    #expect(text.contains(list))
  }

  @Test("stay below 100 kB and say how much they leave out, with the largest carts that the API takes")
  func largest() throws {
    let url = "https://shop.example/?" + String(repeating: "&", count: 2_026)
    let hostile = ["&", "\"", "<", "日", "👩‍👩‍👧‍👦", "e\u{301}\u{302}\u{303}", "W"].map { letter in
      Cart.Item(
        name: String(repeating: letter, count: 500), quantity: 1_000_000, price: "999999999999.999999", imageURL: url,
        url: url)
    }
    let plain = (1...500).map {
      Cart.Item(name: "Item \($0)", price: "1.50", imageURL: "https://shop.example/\($0).png")
    }
    for items in hostile.map({ Array(repeating: $0, count: 500) }) + [plain] {
      let cart = ComposeMail.cart {
        $0.name = String(repeating: "\"", count: 200)
        $0.url = url
        $0.items = items
        $0.total = "999999999999.999999"
        $0.locale = "en"
      }
      for kind in [Message.Kind.reminder(step: 3), .order] {
        let request = ComposeMail.request(kind, cart: cart) {
          $0.imprint = Array(repeating: String(repeating: "\"", count: 200), count: 12)
        }
        let rendered = try composer.render(request)
        #expect(rendered.html.utf8.count < Self.largest)
        #expect(rendered.text.utf8.count < Self.largest)
        let shown = count(#"<th [^>]*scope="row""#, in: rendered.html) - 1
        #expect(shown >= 1 && shown <= 25)
        #expect(rendered.html.contains(">\(500 - shown)</span> more items"))
        #expect(rendered.text.contains("and \(500 - shown) more items"))
        if items == plain { #expect(shown == 25) }
      }
    }
  }

  @Test("say of one item more that it is one")
  func oneMore() throws {
    let cart = ComposeMail.cart {
      $0.items = (1...26).map { Cart.Item(name: "Item \($0)") }
      $0.locale = "en"
    }
    #expect(try composer.render(ComposeMail.request(cart: cart)).text.contains("\nand one more item\n"))
    let fits = ComposeMail.cart { $0.items = (1...25).map { Cart.Item(name: "Item \($0)") } }
    #expect(try !composer.render(ComposeMail.request(cart: fits)).html.contains("weitere"))
  }

  @Test("have the imprint at their foot, line by line, exactly if there is one")
  func imprint() throws {
    for kind in ComposeMail.kinds {
      let with = try composer.render(ComposeMail.request(kind) { $0.imprint = ["Löffel & Co", "1 High Street"] })
      #expect(with.text.hasSuffix("\n\nLöffel & Co\n1 High Street\n"))
      #expect(with.html.contains("Löffel &amp; Co</span><br><span dir=\"auto\">1 High Street"))
      #expect(try !composer.render(ComposeMail.request(kind)).text.contains("High Street"))
    }
  }

  @Test(
    "have a line for the mailbox that says what is in the cart, and not the subject again", arguments: ComposeMail.kinds
  )
  func preheader(kind: Message.Kind) throws {
    let cart = ComposeShopWindow.cart { $0.locale = "en" }
    let rendered = try composer.render(ComposeMail.request(kind, cart: cart))
    let preheader = try #require(rendered.html.firstMatch(of: /mso-hide:all">(.+?)<\/div>/)?.output.1)
    #expect(preheader.contains("Mug, Tea, 100 g, Wool blanket"))
    #expect(!preheader.contains(rendered.subject))
  }

  @Test("date an order in the shopper's time zone and manner, and not at all without a time zone")
  func date() throws {
    let late = ComposeMail.request(.order) {
      $0.occurredAt = Moment(milliseconds: 1_795_390_200_000)  // 23:30 in Greenwich
    }
    #expect(try composer.render(late).text.replacing("\n", with: " ").contains("o-2001 vom 23. November 2026 ist"))
    var placeless = late
    placeless.cart.timeZone = nil
    #expect(try composer.render(placeless).text.replacing("\n", with: " ").contains("o-2001 ist bei uns"))
  }

  @Test("pass their own check")
  func check() throws {
    try TemplateSet.builtIn.check()
  }
}
