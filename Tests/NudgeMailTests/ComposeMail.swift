import NudgeDomain
import NudgeMail

/// A mail request that a test changes as it needs.
enum ComposeMail {
  /// 2026-11-22T12:30:00Z, a Sunday.
  static let date = Moment(milliseconds: 1_795_350_600_000)

  static func request(
    _ kind: Message.Kind = .reminder(step: 1), cart: Cart = cart(), change: (inout MailRequest) -> Void = { _ in }
  ) -> MailRequest {
    var request = MailRequest(
      kind: kind, shop: "default", from: Mailbox(name: "Example Shop", address: "cart@shop.example"),
      to: "ann@example.com", cart: cart, checkoutID: "c-1001", orderID: kind == .order ? "o-2001" : nil,
      messageID: "m17.abc123@shop.example", date: date)
    change(&request)
    return request
  }

  static func cart(_ change: (inout Cart) -> Void = { _ in }) -> Cart {
    var cart = Cart(
      name: "Ann", locale: "de-DE", timeZone: "Europe/Berlin", url: "https://shop.example/checkout/c-1001",
      items: [
        .init(
          name: "Mug", quantity: 2, price: "12.50", imageURL: "https://shop.example/mug.png",
          url: "https://shop.example/mug")
      ],
      total: "25.00", currency: "EUR")
    change(&cart)
    return cart
  }

  /// Every kind of mail that has built-in templates of its own, and one step beyond.
  static let kinds: [Message.Kind] = [1, 2, 3, 4].map { .reminder(step: $0) } + [.order]
}

extension Mail {
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The lines of the header, folded ones put together with a single `|`.
  var header: [String] {
    var fields: [String] = []
    for line in text.split(separator: "\r\n", omittingEmptySubsequences: false).prefix(while: { !$0.isEmpty }) {
      if line.first == " " { fields[fields.count - 1] += "|" + line } else { fields.append(String(line)) }
    }
    return fields
  }

  func field(_ name: String) -> String? {
    header.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
  }
}
