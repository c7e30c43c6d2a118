package import NudgeAPI
package import NudgeDomain
import NudgeMail
package import NudgeStore

extension MailDesk {
  /// What a mail would look like.
  package func preview(_ request: PreviewRequest, now: Moment) throws(Problem) -> PreviewReply {
    try reply(showing: mailRequest(for: request, now: now))
  }

  /// The mail of a message, as it would be sent now.
  package func show(_ content: ClaimContent, message: Int64) throws(Problem) -> PreviewReply {
    let mailRequest: MailRequest
    do throws(CompositionError) {
      mailRequest = try self.request(of: content, message: message)
    } catch {
      throw Problem(unwritable: error)
    }
    return try reply(showing: mailRequest)
  }

  private func reply(showing request: MailRequest) throws(Problem) -> PreviewReply {
    let composer = composer(of: request.shop)
    do throws(CompositionError) {
      let rendered = try composer.render(request)
      let mail = try composer.compose(request)
      return PreviewReply(
        from: request.from.text, to: Mailbox(name: request.cart.name, address: request.to).text,
        subject: rendered.subject, text: rendered.text, html: rendered.html,
        eml: String(decoding: mail.bytes, as: UTF8.self))
    } catch {
      throw Problem(unwritable: error)
    }
  }

  func mailRequest(for request: PreviewRequest, now: Moment) -> MailRequest {
    let subject = PreviewSubject(request)
    let kind: Message.Kind =
      switch request.kind {
      case .reminder(let step): .reminder(step: step)
      case .order: .order
      }
    var cart = Cart(subject.content)
    cart.locale = request.locale ?? cart.locale
    var mail = self.request(kind, shop: subject.shop, to: subject.email, cart: cart, id: "preview", date: now)
    mail.checkoutID = subject.checkoutID
    mail.orderID = subject.orderID
    mail.occurredAt = now
    return mail
  }
}

extension Problem {
  init(unwritable error: CompositionError) {
    self.init(.invalid, "The mail cannot be written: \(error.description)")
  }
}

extension Mailbox {
  /// For people: `Example Shop <cart@shop.example>`.
  var text: String { name.map { "\($0) <\(address)>" } ?? address }
}

/// Whom and what a preview shows.
private struct PreviewSubject {
  static let email = "ann@example.com"

  var shop: String
  var email: String
  var checkoutID: String?
  var orderID: String?
  var content: CartContent

  init(_ request: PreviewRequest) {
    switch request.subject {
    case .sample(let shop):
      self.shop = shop
      email = Self.email
      checkoutID = "c-1001"
      orderID = request.kind == .order ? "o-2001" : nil
      content = .sample
    case .event(.checkout(let event)):
      shop = event.shop
      email = event.email
      checkoutID = event.checkoutID
      orderID = event.orderID
      content = event.cart
    case .event(.order(let event)):
      shop = event.shop
      email = event.email ?? Self.email
      checkoutID = event.checkoutID
      orderID = event.orderID
      content = event.cart
    }
  }
}

extension CartContent {
  /// A cart with everything in it that a shop can say.
  static let sample = CartContent(
    name: "Ann", locale: "en-GB", timeZone: "Europe/London", url: "https://shop.example/checkout/c-1001",
    items: [
      Item(
        name: "Mug", quantity: 2, price: "12.50", imageURL: "https://shop.example/mug.png",
        url: "https://shop.example/mug"),
      Item(name: "Tea, 100 g", price: "6.90", url: "https://shop.example/tea"),
    ], total: "31.90", currency: "EUR")
}
