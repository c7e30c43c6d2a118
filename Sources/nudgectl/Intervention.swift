import NudgeAPI

extension Explanation {
  /// What an operator did to a message, and who it was.
  static func of(_ action: OperatorActionReply, now: Timestamp = Time.now) -> Styled {
    let who: Styled = "by \(Words.operator(action)) on \(Time.both(action.at, now: now))"
    switch (action.action, action.result) {
    case ("retry", "done"): return "Retried \(who)."
    case ("drop", "done"): return "Dropped \(who)."
    default: return "To \(action.action) it was asked for \(who), in vain: \(inVain(action.result))."
    }
  }

  private static func inVain(_ result: String) -> String {
    switch result {
    case "ordered": "the order had come"
    case "checkout_cancelled": "the shopper had emptied the cart"
    case "checkout_changed": "the cart had changed"
    case "unfit": "it was in another state"
    default: result
    }
  }
}
