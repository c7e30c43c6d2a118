import NudgeAPI

/// What happened, or will, in words of somebody who runs a shop: a sentence or two for each state and reason.
enum Explanation {
  static func of(_ checkout: CheckoutSummary, now: Timestamp = Time.now) -> Styled {
    switch checkout.state {
    case "ordered":
      let order: Styled = checkout.closedBy.map { "Order \($0)" } ?? "An order"
      return "\(order) ended it\(closing(checkout, now)), so that no more reminders go out."
    case "cancelled": return "The shopper emptied the cart\(closing(checkout, now)), so that no reminder goes out."
    default:
      guard let next = checkout.nextReminderAt else {
        return "No order has come, and every reminder of the schedule has had its turn."
      }
      return "No order has come. Next reminder: \(Time.both(next, now: now))."
    }
  }

  private static func closing(_ checkout: CheckoutSummary, _ now: Timestamp) -> Styled {
    checkout.closedAt.map { " on \(Time.both($0, now: now))" } ?? ""
  }

  static func of(_ order: OrderDetail) -> Styled {
    let answer = order.messages.isEmpty ? " It was not answered with a message." : ""
    guard !order.closed.isEmpty else {
      return "It closed no checkout: none was open that it names, or that is the same shopper's.\(answer)"
    }
    let checkouts = order.closed.joined(separator: ", ")
    return "It closed \(checkouts), so that no more reminders go out there.\(answer)"
  }

  static func of(_ message: MessageReply, closedBy order: String?, now: Timestamp = Time.now) -> Styled {
    let settled: Styled = message.settledAt.map { " on \(Time.both($0, now: now))" } ?? ""
    switch (message.state, message.reason) {
    case ("scheduled", _): return waiting(message, now)
    case ("sending", _): return "It is being handed to the mail server just now."
    case ("sent", _):
      let tries: Styled = message.attempts.count > 1 ? ", at attempt \(message.attempts.count)" : ""
      return "The mail server took it\(settled)\(tries)."
    case ("dead", _): return dead(message, settled)
    case ("unknown", _): return unknown(message, settled)
    case ("cancelled", _): return cancelled(message, settled, order)
    case ("skipped", _): return skipped(message, settled)
    default: return "It is \(message.state), because of: \(message.reason)."
    }
  }

  private static func waiting(_ message: MessageReply, _ now: Timestamp) -> Styled {
    let when: Styled =
      message.dueAt <= now
      ? "as soon as sending allows; it was due \(Time.both(message.dueAt, now: now))"
      : "on \(Time.both(message.dueAt, now: now))"
    switch message.reason {
    case "deferred":
      return "The mail server could not take it yet\(error(message)). It is tried again \(when)."
    case "unknown":
      return """
        The mail server did not say whether it took it\(error(message)). This shop wants its order messages sent once \
        more then (`resend_unknown_order_message`), even if one arrives twice: it goes out \(when).
        """
    case "held":
      return """
        It waits, because the template of such mails of its shop fails\(error(message)). Once that is mended and \
        reloaded, it goes out \(when).
        """
    case "retried": return "Somebody asked for it again. It goes out \(when)."
    default:
      guard case .reminder = message.kind else { return "It goes out \(when)." }
      return "It goes out \(when), unless an order comes first."
    }
  }

  private static func unknown(_ message: MessageReply, _ settled: Styled) -> Styled {
    let policy: Styled =
      switch message.kind {
      case .reminder: "A reminder is never sent again by itself then"
      case .order:
        """
        An order message is sent again by itself only where `resend_unknown_order_message` is on and attempts are left
        """
      }
    return """
      It was handed over, but the mail server did not answer\(settled), so that nobody knows whether it arrived\
      \(error(message)). \(policy), because the shopper might get it twice. \
      \("`nudgectl dead retry \(message.id)` sends it again, `nudgectl dead drop \(message.id)` lets it go.")
      """
  }

  private static func dead(_ message: MessageReply, _ settled: Styled) -> Styled {
    let retry: Styled =
      "`nudgectl dead retry \(message.id)` tries again, `nudgectl dead drop \(message.id)` lets it go."
    switch message.reason {
    case "refused": return "The mail server refused it for good\(settled)\(error(message)). \(retry)"
    case "render_failed":
      return "The template could not be filled in\(settled)\(error(message)). When that is mended, \(retry)"
    case "attempts_exhausted":
      return """
        The mail server could not take it, \(Words.count(message.attempts.count, "attempt")) long, and it was given up\
        \(settled)\(error(message)). \(retry)
        """
    default: return "It was given up\(settled)\(error(message)). \(retry)"
    }
  }

  private static func cancelled(_ message: MessageReply, _ settled: Styled, _ order: String?) -> Styled {
    // What was handed over once and never answered may have arrived, whatever ended it.
    let mayHaveArrived = message.attempts.contains { $0.outcome == "unknown" }
    let what: Styled =
      mayHaveArrived ? "It was handed over once, without an answer, and is not sent again" : "It was not sent"
    switch message.reason {
    case "ordered":
      let name: Styled = (order ?? message.orderID).map { "order \($0)" } ?? "the order"
      return "\(what): \(name) came first\(settled)."
    case "checkout_cancelled": return "\(what): the shopper emptied the cart\(settled)."
    case "checkout_changed":
      return "\(what): the shopper changed the cart\(settled), and the reminders began anew."
    case "dropped":
      let fate: Styled = mayHaveArrived ? " Whether it arrived before, nobody knows." : ""
      return "Somebody let it go\(settled).\(fate)"
    default: return "It was cancelled\(settled)."
    }
  }

  private static func skipped(_ message: MessageReply, _ settled: Styled) -> Styled {
    switch message.reason {
    case "late":
      return "It was not sent: its time, \(Time.absolute(message.dueAt)), had passed too long ago\(settled)."
    case "collapsed":
      return "It was not sent: a later reminder was due as well\(settled), and only that one went out."
    default: return "It was passed over\(settled)."
    }
  }

  /// What the mail server or the template said last.
  private static func error(_ message: MessageReply) -> Styled {
    message.lastError.map { ": \($0)" } ?? ""
  }
}
