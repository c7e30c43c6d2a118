package import NudgeDomain

/// What became of a message that somebody asked to retry or to drop.
package enum DeadLetterAnswer: Hashable, Sendable {
  /// It is as was asked.
  case done
  /// Its checkout does not want it any more, for that reason. A dead one is cancelled with it now; one of unknown fate
  /// stays as it is, because it may have arrived.
  case unwanted(Reason)
  /// It is in another state than those asked for.
  case unfit(Message.State, Reason)
  case missing
}

extension Session {
  /// Sends dead letters again, at once, unless their checkouts have moved on. One answer for each, in their order.
  func retry(
    _ ids: [Int64], from states: Set<Message.State>, by who: Operator?, now: Moment
  ) throws(StoreError) -> [DeadLetterAnswer] {
    try each(ids, from: states, .retry, by: who, now: now) { (row) throws(StoreError) in
      if let obstacle = try obstacle(of: row) {
        if row.message.state == .dead { try move(row, to: .cancelled, obstacle, now: now) }
        return .unwanted(obstacle)
      }
      var row = row
      row.due = now
      row.firstDue = nil
      row.attempts = 0
      row.isRetried = true
      try move(row, to: .scheduled, .retried, now: now)
      return .done
    }
  }

  /// Gives dead letters up. One answer for each, in their order.
  func drop(
    _ ids: [Int64], from states: Set<Message.State>, by who: Operator?, now: Moment
  ) throws(StoreError) -> [DeadLetterAnswer] {
    try each(ids, from: states, .drop, by: who, now: now) { (row) throws(StoreError) in
      try move(row, to: .cancelled, .dropped, now: now)
      return .done
    }
  }

  /// Answers for each message, and writes down that it was asked for.
  private func each(
    _ ids: [Int64], from states: Set<Message.State>, _ verb: OperatorVerb, by who: Operator?, now: Moment,
    _ answer: (MessageRow) throws(StoreError) -> DeadLetterAnswer
  ) throws(StoreError) -> [DeadLetterAnswer] {
    var answers: [DeadLetterAnswer] = []
    answers.reserveCapacity(ids.count)
    for id in ids {
      guard let row = try messages.find(id) else {
        answers.append(.missing)
        continue
      }
      let isFit = row.message.state.isDeadLetter && states.contains(row.message.state)
      let given = isFit ? try answer(row) : .unfit(row.message.state, row.message.reason)
      try operators.insert(OperatorAction(verb, message: id, result: given.result), by: who, now: now)
      answers.append(given)
    }
    return answers
  }

  /// Why a reminder's checkout does not want it any more; nil if it does. An order message is always wanted.
  private func obstacle(of row: MessageRow) throws(StoreError) -> Reason? {
    guard case .reminder = row.message.kind,
      let checkout = try row.checkout.flatMap({ (id) throws(StoreError) in try checkouts.find(id: id) })
    else { return nil }
    return ClaimDecision.obstacle(generation: row.generation, checkout: checkout.checkout)
  }
}

extension DeadLetterAnswer {
  fileprivate var result: String {
    switch self {
    case .done: OperatorAction.done
    case .unwanted(let reason): reason.rawValue
    case .unfit, .missing: OperatorAction.unfit
    }
  }
}
