import NudgeDomain

@testable import NudgeStore

/// One thing that a store is asked to do.
enum Verb: Sendable {
  case checkout(CheckoutChange)
  case order(Order)
  case events([ShopEvent])
  case claim(limit: Int)
  case settle(Claim, Outcome)
  case retry([Int64])
  case drop([Int64])
  case pause(Bool)
  case forget(before: Moment)
  /// The seeded fault: claiming, but the rows of the ledger come with the next verb.
  case takeWithoutLedger(limit: Int)
  case enterIntoLedger([Int64])

  /// What the answer promises, and what the next verbs need of it.
  struct Answer: Sendable {
    var facts: [Fact] = []
    var claims: [Claim] = []
    var settled: Claim?
    var deadLetters: [Int64] = []
    var taken: [Int64] = []
  }

  func ask(_ store: Store, policies: Policies, now: Moment) async throws(StoreError) -> Answer {
    switch self {
    case .checkout(let change):
      return Answer(facts: try await store.record(change, policy: policies[change.key.shop], now: now).facts)
    case .order(let order):
      return Answer(facts: try await store.record(order, policy: policies[order.shop], now: now).facts)
    case .events(let events):
      let results = try await store.record(events, policies: policies, now: now)
      return Answer(facts: results.flatMap { (try? $0.get())?.facts ?? [] })
    case .claim(let limit):
      let claims = try await store.claimDue(now: now, limit: limit, policies: policies).claims
      return Answer(facts: claims.map(\.fact), claims: claims)
    case .settle(let claim, let outcome):
      let settlement = try await store.settle(claim, outcome: outcome, policies: policies, now: now, jitter: 0.5)
      return Answer(claim: claim, outcome: outcome, settlement: settlement)
    case .retry(let messages):
      let answers = try await store.retry(messages, now: now)
      return Answer(facts: zip(messages, answers).filter { $1 == .done }.map { .retried(message: $0.0) })
    case .drop(let messages):
      let answers = try await store.drop(messages, now: now)
      return Answer(facts: zip(messages, answers).filter { $1 == .done }.map { .final(message: $0.0, .cancelled) })
    case .pause(let isPaused):
      try await store.setPaused(isPaused, now: now)
      return Answer(facts: [.paused(isPaused)])
    case .forget(let before):
      _ = try await store.forget(before: before, limit: 5)
      return Answer()
    case .takeWithoutLedger(let limit):
      return Answer(taken: try await store.take(limit: limit, now: now))
    case .enterIntoLedger(let messages):
      try await store.enter(messages, now: now)
      return Answer()
    }
  }

  var isPause: Bool {
    if case .pause = self { true } else { false }
  }
}

extension Verb.Answer {
  fileprivate init(claim: Claim, outcome: Outcome, settlement: Settlement) {
    settled = claim
    guard settlement.settled else { return }
    facts = [.settled(attempt: claim.attemptID, outcome: outcome.ledgerWord)]
    if settlement.state.isDeadLetter {
      deadLetters = [claim.messageID]
    } else if settlement.state.isFinal {
      facts.append(.final(message: claim.messageID, settlement.state))
    }
  }
}

extension Claim {
  fileprivate var fact: Fact { .claimed(attempt: attemptID, message: messageID, recipient: content.to) }
}

extension EventReceipt {
  fileprivate var facts: [Fact] {
    switch self {
    case .checkout(let receipt): receipt.facts
    case .order(let receipt): receipt.facts
    }
  }
}

extension CheckoutReceipt {
  fileprivate var facts: [Fact] {
    [.heard(checkout: key.id, generation: generation)] + (state == .ordered ? [.closed(checkout: key.id)] : [])
  }
}

extension OrderReceipt {
  /// An order without effect may be forgotten.
  fileprivate var facts: [Fact] {
    let closings = closed.map { Fact.closed(checkout: $0) }
    guard !closed.isEmpty || orderMessageDue != nil else { return closings }
    return closings + [.ordered(order: orderID, isAnswered: orderMessageDue != nil)]
  }
}

extension Store {
  fileprivate func take(limit: Int, now: Moment) async throws(StoreError) -> [Int64] {
    try await writer.perform { (session) throws(StoreError) in
      let rows = try session.messages.oldestDue(.reminder, now: now, limit: limit)
      for row in rows { try session.move(row, to: .sending, row.message.reason, now: now) }
      return rows.map(\.id)
    }
  }

  fileprivate func enter(_ messages: [Int64], now: Moment) async throws(StoreError) {
    try await writer.perform { (session) throws(StoreError) in
      for message in messages { _ = try session.attempts.insert(message: message, recipient: "", now: now) }
    }
  }
}
