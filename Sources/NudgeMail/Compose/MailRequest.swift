package import NudgeDomain

/// All that is needed to write one mail.
package struct MailRequest: Hashable, Sendable {
  package var kind: Message.Kind
  package var shop: String
  package var from: Mailbox
  package var replyTo: Mailbox?
  /// The shopper's address; the name is the cart's.
  package var to: String
  package var cart: Cart
  package var checkoutID: String?
  package var orderID: String?
  /// Without angle brackets; the same for every attempt of one message.
  package var messageID: String
  package var date: Moment
  /// When the order, or the checkout's last change, happened.
  package var occurredAt: Moment?
  /// True for the last reminder of the schedule.
  package var lastStep: Bool
  /// The shop's postal address and what else the law asks for, line by line.
  package var imprint: [String]
  /// True for a mail that somebody sends to try things out: it says so in its subject and its header.
  package var isTest = false

  package init(
    kind: Message.Kind, shop: String, from: Mailbox, replyTo: Mailbox? = nil, to: String, cart: Cart,
    checkoutID: String? = nil, orderID: String? = nil, messageID: String, date: Moment, occurredAt: Moment? = nil,
    lastStep: Bool = false, imprint: [String] = []
  ) {
    self.kind = kind
    self.shop = shop
    self.from = from
    self.replyTo = replyTo
    self.to = to
    self.cart = cart
    self.checkoutID = checkoutID
    self.orderID = orderID
    self.messageID = messageID
    self.date = date
    self.occurredAt = occurredAt
    self.lastStep = lastStep
    self.imprint = imprint
  }
}
