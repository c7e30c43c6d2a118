import NudgeDomain

/// Mails that show every variable, for checks without an event.
struct MailSample {
  let request: MailRequest

  /// Everything that an event can carry.
  static func full(_ kind: Message.Kind) -> MailSample {
    let page = "https://shop.example/checkout/c-1001"
    let mug = Cart.Item(
      name: "Mug", quantity: 2, price: "12.50", imageURL: "https://shop.example/mug.png",
      url: "https://shop.example/mug")
    let cart = Cart(
      name: "Ann", locale: "en", timeZone: "Europe/Berlin", url: page, items: [mug, mug], total: "50.00",
      currency: "EUR")
    return MailSample(
      request: MailRequest(
        kind: kind, shop: "default", from: Mailbox(name: "Example Shop", address: "cart@shop.example"),
        to: "ann@example.com", cart: cart, checkoutID: "c-1001", orderID: "o-2001", messageID: "m1.sample@shop.example",
        date: Moment(milliseconds: 0), occurredAt: Moment(milliseconds: 0), lastStep: true,
        imprint: ["Example Ltd", "1 High Street", "London"]))
  }
}
