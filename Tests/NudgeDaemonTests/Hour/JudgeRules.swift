extension Judge {
  private struct Key: Hashable {
    var shop: String
    var id: String
  }

  var unplanned: [String] { checkoutsWithout + ordersWithout }

  /// Each step of each schedule that nothing ended has a message; of one that was ended, the steps before the end.
  private var checkoutsWithout: [String] {
    let reminders = Dictionary(grouping: ledger.messages.filter(\.isReminder)) {
      Key(shop: $0.shop, id: $0.checkout ?? "")
    }
    let closed = Set(evidence.orders.flatMap { order in order.closed.map { Key(shop: order.shop, id: $0) } })
    return Dictionary(grouping: evidence.carts) { Key(shop: $0.shop, id: $0.id) }.compactMap { key, _ in
      let last = reminders[key]?.map(\.generation).max()
      let steps = (reminders[key] ?? []).filter { $0.generation == last }.compactMap(\.step).sorted()
      guard let schedule = shops[key.shop]?.schedule, !steps.isEmpty else { return "\(key.id) has no reminder" }
      guard steps == Array(1...steps.count) else { return "\(key.id) has the steps \(steps)" }
      return steps.count == schedule.count || closed.contains(key) ? nil : "\(key.id) ends after step \(steps.count)"
    }
  }

  private var ordersWithout: [String] {
    let answers = Dictionary(grouping: ledger.messages.filter { !$0.isReminder }) {
      Key(shop: $0.shop, id: $0.order ?? "")
    }
    return evidence.orders.compactMap { order in
      let count = answers[Key(shop: order.shop, id: order.id)]?.count ?? 0
      return count == (order.isAnswered ? 1 : 0) ? nil : "order \(order.id) has \(count) messages"
    }
  }

  /// What a message has paid: the hand-overs since a person last decided that met something of its own.
  var burnt: [String] {
    ledger.messages.compactMap { message in
      guard message.state != "cancelled" && message.state != "skipped" else { return nil }
      let since = evidence.retries.filter { $0.message == message.id }.map(\.seq).max() ?? 0
      let all = attemptsByMessage[message.id] ?? []
      let counted = all.filter { attempt in
        let arrival = arrivalByAttempt[attempt.id]
        guard (arrival?.seq ?? since + 1) > since else { return false }
        return attempt.outcome == "deferred" ? arrival?.verdict == .later : attempt.outcome != "withdrawn"
      }
      if message.state == "dead", message.reason == "attempts_exhausted", counted.count < attempts {
        return "m\(message.id) was given up after \(counted.count)"
      }
      // Before a person's decision, hand-overs that did not arrive cannot be told apart.
      let isRight = since == 0 ? message.attempts == counted.count : message.attempts <= counted.count
      return isRight ? nil : "m\(message.id), \(message.state), has paid \(message.attempts) for \(counted.count)"
    }
  }

  /// Any second, wherever it begins.
  var bursts: [String] {
    let second: Int64 = 1_000
    var window: ArraySlice<Evidence.Arrival> = []
    return evidence.arrivals.compactMap { arrival in
      window.append(arrival)
      window = window.drop { $0.at <= arrival.at - second }
      return window.count > rate ? "\(window.count) in the second before \(arrival.at)" : nil
    }
  }

  /// Reminders that came after their checkout's order was acknowledged, unless the answer confessed to them.
  var afterOrder: [String] {
    let reminders = Dictionary(
      grouping: evidence.arrivals.compactMap { arrival -> (Key, Evidence.Arrival)? in
        guard let message = Self.message(arrival).flatMap({ messages[$0] }), message.isReminder else { return nil }
        return (Key(shop: message.shop, id: message.checkout ?? ""), arrival)
      }, by: \.0)
    return evidence.orders.flatMap { order -> [String] in
      let late = order.closed.flatMap { reminders[Key(shop: order.shop, id: $0)] ?? [] }.filter { $0.1.seq > order.seq }
      return late.count <= order.inFlight ? [] : late.map { "\($0.1.messageID) after \(order.id)" }
    }
  }

  var early: [String] {
    let anchors = Dictionary(grouping: evidence.carts) { Key(shop: $0.shop, id: $0.id) }
    return evidence.arrivals.compactMap { arrival in
      guard let message = Self.message(arrival).flatMap({ messages[$0] }), let step = message.step,
        let schedule = shops[message.shop]?.schedule,
        let anchor = anchors[Key(shop: message.shop, id: message.checkout ?? "")]?.map(\.anchor).min()
      else { return nil }
      return arrival.at >= anchor + schedule[step - 1] ? nil : "\(arrival.messageID) at \(arrival.at)"
    }
  }
}
