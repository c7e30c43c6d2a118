/// What identifies a checkout: its shop, and the name that the shop gave it.
package struct CheckoutKey: Hashable, Sendable {
  package var shop: String
  package var id: String

  package init(shop: String, id: String) {
    self.shop = shop
    self.id = id
  }
}

/// Who a checkout or an order belongs to, as far as the shop said.
package struct Shopper: Hashable, Sendable {
  package var email: String?
  package var customerID: String?

  package init(email: String?, customerID: String? = nil) {
    self.email = email
    self.customerID = customerID
  }

  /// The e-mail address as it is compared: without case and surrounding space.
  package var emailKey: String? {
    email.map(Self.emailKey(of:))
  }

  package static func emailKey(of email: String) -> String {
    let key = email.lowercased()
    // Nearly every address begins and ends with visible ASCII: then there is nothing to trim, Character by Character.
    if let first = key.utf8.first, let last = key.utf8.last, isVisibleASCII(first), isVisibleASCII(last) { return key }
    return String(key.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  private static func isVisibleASCII(_ byte: UInt8) -> Bool { (0x21...0x7e).contains(byte) }

  /// True if both name the same customer, or the same address.
  package func isSame(as other: Shopper) -> Bool {
    if let customerID, customerID == other.customerID { return true }
    if let emailKey, emailKey == other.emailKey { return true }
    return false
  }
}

/// One event about a checkout: all that the shop knows of it at that moment.
package struct CheckoutChange: Hashable, Sendable {
  package var key: CheckoutKey
  package var orderID: String?
  package var email: String
  package var customerID: String?
  package var occurredAt: Moment
  /// False if the shop did not say when it happened, so that `occurredAt` is when it was heard.
  package var isTimeStated: Bool
  /// The cart as the shop described it, in a canonical form: equal text is equal content. The rules never read it.
  package var content: String
  /// True if the event said that the cart holds nothing any more.
  package var isEmpty: Bool

  package init(
    key: CheckoutKey, orderID: String? = nil, email: String, customerID: String? = nil,
    occurredAt: Moment, isTimeStated: Bool = true, content: String, isEmpty: Bool = false
  ) {
    self.key = key
    self.orderID = orderID
    self.email = email
    self.customerID = customerID
    self.occurredAt = occurredAt
    self.isTimeStated = isTimeStated
    self.content = content
    self.isEmpty = isEmpty
  }

  package var shopper: Shopper { Shopper(email: email, customerID: customerID) }

  /// True if `other` says the same of the checkout, whenever it says so.
  package func saysTheSame(as other: CheckoutChange) -> Bool {
    var dated = other
    dated.occurredAt = occurredAt
    dated.isTimeStated = isTimeStated
    return self == dated
  }

  /// This change with its time settled: one that does not say when it happened is no older than what was heard of the
  /// checkout before, whatever became of this machine's clock meanwhile.
  package func dated(after latest: Moment) -> CheckoutChange {
    guard !isTimeStated else { return self }
    var dated = self
    dated.occurredAt = max(occurredAt, latest)
    return dated
  }
}

/// A checkout as nudged knows it: the latest change that counts, and what became of it.
package struct Checkout: Hashable, Sendable {
  package enum State: String, CaseIterable, Sendable {
    /// Reminders go out, or have gone out. Next: `cancelled`, `ordered`.
    case open
    /// The shopper emptied the cart. Next: `open` with a new cart, `ordered`.
    case cancelled
    /// An order closed it. Final.
    case ordered
  }

  package var state: State
  /// 1 for the first content, one more with each change.
  package var generation: Int
  /// The generation in which the schedule last began. Reminders carry it: an older one is out of date.
  package var scheduleGeneration: Int
  /// From when the schedule counts.
  package var anchor: Moment
  package var latest: CheckoutChange

  package init(state: State, generation: Int, scheduleGeneration: Int, anchor: Moment, latest: CheckoutChange) {
    self.state = state
    self.generation = generation
    self.scheduleGeneration = scheduleGeneration
    self.anchor = anchor
    self.latest = latest
  }
}

/// What a change of an open checkout does to its schedule.
package enum OnChange: String, CaseIterable, Sendable {
  /// Begin again with step 1, counted from the change.
  case restart
  /// Go on with the next step, counted as before.
  case keep
}

/// What a checkout event leads to.
package enum CheckoutDecision: Hashable, Sendable {
  /// Nothing to write: repeated, out of date, or after the order.
  case unchanged
  /// Write this checkout and do that to its reminders.
  case changed(Checkout, reminders: ReminderEffect)
}

/// What a changed checkout means for its reminders.
package enum ReminderEffect: Hashable, Sendable {
  /// What waits is cancelled, nothing takes its place.
  case cancel(Reason)
  /// What waits is cancelled, and the schedule begins again with step 1.
  case restart
  /// They stay as they are; the mail will show the new content.
  case keep
}

extension Checkout {
  /// Decides what `change` does to the checkout that is known by its key, if any.
  ///
  /// - Parameter isOrdered: an order that was taken before closes this checkout. It wins over everything, an out of date
  ///   change included, because that one may be the first to name the order.
  package static func decide(
    on change: CheckoutChange, known: Checkout?, isOrdered: Bool, onChange: OnChange
  ) -> CheckoutDecision {
    guard let known else { return first(change, isOrdered: isOrdered) }
    if known.state == .ordered { return .unchanged }
    // An order that names an emptied checkout has closed it when it came; the shopper's other orders close what is open.
    if known.state == .cancelled, change.saysTheSame(as: known.latest) { return .unchanged }
    if isOrdered { return .changed(known.ordered(by: change), reminders: .cancel(.ordered)) }
    if change.saysTheSame(as: known.latest) { return .unchanged }
    let dated = change.dated(after: known.latest.occurredAt)
    if dated.occurredAt < known.latest.occurredAt { return .unchanged }
    return known.changed(to: dated, anchor: change.occurredAt, onChange: onChange)
  }

  /// The decision on the first change that is heard of a checkout.
  private static func first(_ change: CheckoutChange, isOrdered: Bool) -> CheckoutDecision {
    let state: State = isOrdered ? .ordered : change.isEmpty ? .cancelled : .open
    let checkout = Checkout(
      state: state, generation: 1, scheduleGeneration: 1, anchor: change.occurredAt, latest: change)
    switch state {
    case .open: return .changed(checkout, reminders: .restart)
    case .cancelled: return .changed(checkout, reminders: .cancel(.checkoutCancelled))
    case .ordered: return .changed(checkout, reminders: .cancel(.ordered))
    }
  }

  /// - Parameter anchor: when the change happened, or was heard of.
  private func changed(to change: CheckoutChange, anchor: Moment, onChange: OnChange) -> CheckoutDecision {
    var next = self
    next.generation += 1
    next.latest = change
    next.state = change.isEmpty ? .cancelled : .open
    if change.isEmpty { return .changed(next, reminders: .cancel(.checkoutCancelled)) }
    if state == .open && onChange == .keep { return .changed(next, reminders: .keep) }
    next.scheduleGeneration = next.generation
    next.anchor = anchor
    return .changed(next, reminders: .restart)
  }

  private func ordered(by change: CheckoutChange) -> Checkout {
    var next = self
    next.generation += 1
    next.state = .ordered
    if change.occurredAt >= latest.occurredAt { next.latest = change }
    return next
  }
}
