/// One way in which things may stand inside, as far as a component of events is concerned.
///
/// What was asked at the same time may have happened in any order, and what was not answered may have happened or not. The
/// judge keeps all worlds that agree with what was seen so far; a promise is broken when none is left.
struct World: Hashable {
  /// By the component's number of the checkout.
  var carts: [Cart]
  /// By the component's number of the order.
  var purchases: [Purchase]
  /// Of the events that are neither answered nor lost yet, those that have happened. Rising.
  var done: [Int] = []
}

/// A checkout.
struct Cart: Hashable {
  enum Phase: String {
    case absent, open, cancelled, ordered
  }

  var phase = Phase.absent
  var generation = 0
  /// The generation in which the schedule last began.
  var begun = 0
  /// What reminders count from.
  var anchor = Span(0)
  /// The latest time of an event that is known, and the first one's.
  var occurred = Span(0)
  var first = Span(0)
  /// The event that it is as it says, and the one before.
  var told = -1
  var toldBefore = -1
  /// From which observation on the schedule may have begun.
  var since = 0
  /// The order that closed it, as the component numbers it.
  var closer: Int?
  /// The event that made it close: that order, or a checkout that came after it.
  var closing: Int?
  /// The latest claims of its reminders.
  var claims: [Claim] = []

  /// A reminder was claimed: the letter shows the cart as it was then.
  struct Claim: Hashable {
    /// The observation of the claim.
    var observation: Int
    /// The event that the checkout was as it said.
    var told: Int
  }

  /// What that letter may show of the cart: what the checkout was as it was claimed, or what it became since.
  func shown(inLetterOf claim: Int?) -> Set<Int> {
    let claimed = claims.first { $0.observation == claim }
    return Set([told, toldBefore, claimed?.told].compactMap(\.self).filter { $0 >= 0 })
  }
}

/// An order.
struct Purchase: Hashable {
  enum Message {
    case none, possible, due
  }

  /// The event; -1 if it did not come yet.
  var told = -1
  var occurred = Span(0)
  /// What the wall clock showed when it came, at the earliest.
  var cameAt: Int64 = 0
  /// How many reminders may still go out because it counted them as in flight; nil if it did not say.
  var left: Int?
  var message = Message.none
  /// The events whose address its message may go to.
  var addressees: [Int] = []

  var exists: Bool { told >= 0 }
}

/// Why a world was given up.
struct Grief {
  var rule: Rule
  var detail: String
  /// How much of what was seen it agreed with before: the one that agreed longest tells what is wrong.
  var depth: Int
}
