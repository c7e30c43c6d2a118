import NudgeDomain
import NudgeMail

/// Carts and shops that a mail must look well with, by name.
enum ComposeShopWindow {
  static let languages = ["en", "de", "fr", "es", "it", "nl"]

  static let carts: [(name: String, cart: Cart)] = [
    ("one", cart { $0.items = [mug] }),
    ("some", cart()),
    ("many", cart { $0.items = (1...500).map { Cart.Item(name: "Wool blanket number \($0)", price: "\($0).95") } }),
    ("bare", cart { $0 = Cart() }),
    ("no pictures", cart { $0.items = $0.items.map { Cart.Item(name: $0.name, quantity: $0.quantity) } }),
    (
      "no prices",
      cart { cart in
        cart.items = cart.items.map { Cart.Item(name: $0.name, quantity: 3, imageURL: $0.imageURL) }
        cart.total = nil
        cart.timeZone = nil
      }
    ),
    (
      "long words",
      cart {
        $0.name = String(repeating: "Donaudampfschifffahrt", count: 9)
        $0.url = "https://shop.example/" + String(repeating: "a", count: 1_900)
        $0.items = [
          .init(
            name: String(repeating: "W", count: 500), quantity: 1_000_000, price: "999999999999.999999",
            imageURL: "https://shop.example/" + String(repeating: "p", count: 2_000) + ".png"),
          .init(name: String(repeating: "本", count: 500), price: "1", url: "https://shop.example/x"),
          .init(name: "&\"'<>" + String(repeating: "&\"'<>", count: 99), quantity: 2, price: "12.50"),
        ]
        $0.total = "999999999999.999999"
      }
    ),
    (
      "right to left",
      cart {
        $0.name = "عائشة بنت أبي بكر"
        $0.items = [
          .init(
            name: "كوب من الفخار الأزرق، صنع يدوي", quantity: 2, price: "12.50", imageURL: "https://shop.example/m.png"),
          .init(name: "ספר: מדריך (2) לקפה", price: "89", url: "https://shop.example/book"),
        ]
      }
    ),
  ]

  static func cart(_ change: (inout Cart) -> Void = { _ in }) -> Cart {
    var cart = Cart(
      name: "Ann", timeZone: "Europe/Berlin", url: "https://shop.example/checkout/c-1001",
      items: [
        mug, .init(name: "Tea, 100 g", price: "6.90", url: "https://shop.example/tea"),
        .init(
          name: "Wool blanket, extra long, hand-woven in a small village by the sea", quantity: 1, price: "1249.00",
          imageURL: "https://shop.example/blanket.png"),
      ], total: "1280.90", currency: "EUR")
    change(&cart)
    return cart
  }

  private static let mug = Cart.Item(
    name: "Mug", quantity: 2, price: "12.50", imageURL: "https://shop.example/mug.png",
    url: "https://shop.example/mug")

  static let imprint = [
    "Example Shop GmbH & Co. KG", "Am Alten Güterbahnhof 117a, Hinterhaus", "12345 Musterstadt, Germany",
    "Geschäftsführung: Dr. Ann-Kathrin Beispiel · HRB 12345 Amtsgericht Musterstadt",
    "VAT DE123456789 · imprint@shop.example", String(repeating: "Handelsregister", count: 8),
  ]
}
