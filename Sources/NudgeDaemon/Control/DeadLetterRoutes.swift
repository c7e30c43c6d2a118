import HTTPTypes
import NudgeAPI
import NudgeDomain
import NudgeMail
import NudgeStore

extension Engine {
  /// So many dead letters are written in one hop to the store, so that nobody waits long behind them.
  static let deadLetterBatch = 256
  /// So many ids of those that were left alone are told for one reason.
  static let idsTold = 1_000

  /// `POST /messages/{id}/retry`
  func retryMessage(_ call: Call) async throws(Problem) -> Reply {
    let id = try call.messageID()
    guard let content = try await asking({ () throws(StoreError) in try await store.messageContent(id) }) else {
      throw problem(.notFound)
    }
    let before = try await known(id)
    if before.state.isDeadLetter, let defect = Self.defect(ofAddress: content.to) {
      throw Problem(.wrongState, "mail cannot go to the address that is known now, \(content.to): it \(defect)")
    }
    let answers = try await asking { () throws(StoreError) in try await store.retry([id], by: call.who, now: call.now) }
    try check(answers, of: before)
    surroundings.ring(call.now)
    return Reply(.ok, MessageReply(try await known(id)).json)
  }

  /// `POST /messages/{id}/drop`
  func dropMessage(_ call: Call) async throws(Problem) -> Reply {
    let id = try call.messageID()
    let before = try await known(id)
    let answers = try await asking { () throws(StoreError) in
      try await store.drop([id], by: call.who, now: call.now)
    }
    try check(answers, of: before)
    return Reply(.ok, MessageReply(try await known(id)).json)
  }

  /// `POST /messages/retry`
  func retryDeadLetters(_ call: Call) async throws(Problem) -> Reply {
    let request = try await call.reading(DeadLettersRequest.init)
    let tally = try await forAll(request) { (batch, states) throws(Problem) in
      var tally = DeadLetterTally()
      var ids: [Int64] = []
      for message in batch {
        if Self.defect(ofAddress: message.address) == nil {
          ids.append(message.id)
        } else {
          tally.leave(message.id, because: "address")
        }
      }
      let answers = try await asking { () throws(StoreError) in
        try await store.retry(ids, from: states, by: call.who, now: surroundings.now())
      }
      tally.add(answers, of: ids)
      if tally.done > 0 { surroundings.ring(call.now) }
      return tally
    }
    return Reply(.ok, tally.reply(.retry).json)
  }

  /// `POST /messages/drop`
  func dropDeadLetters(_ call: Call) async throws(Problem) -> Reply {
    let request = try await call.reading(DeadLettersRequest.init)
    let tally = try await forAll(request) { (batch, states) throws(Problem) in
      let ids = batch.map(\.id)
      var tally = DeadLetterTally()
      let answers = try await asking { () throws(StoreError) in
        try await store.drop(ids, from: states, by: call.who, now: surroundings.now())
      }
      tally.add(answers, of: ids)
      return tally
    }
    return Reply(.ok, tally.reply(.drop).json)
  }

  /// Goes through the dead letters that are there, each of them once, newest first, batch by batch.
  private func forAll(
    _ request: DeadLettersRequest,
    _ body: ([MessageAddress], Set<Message.State>) async throws(Problem) -> DeadLetterTally
  ) async throws(Problem) -> DeadLetterTally {
    var query = try MessageQuery(request, limit: Self.deadLetterBatch)
    var tally = DeadLetterTally()
    repeat {
      // What is done is done, and asking again goes on with the rest.
      if isDraining { throw .stopping }
      let wanted = query
      let page = try await asking { () throws(StoreError) in try await store.addresses(wanted) }
      tally.add(try await body(page.elements, Set(query.states)))
      query.after = page.next
    } while query.after != nil
    return tally
  }

  private func known(_ id: Int64) async throws(Problem) -> MessageRecord {
    guard let record = try await asking({ () throws(StoreError) in try await store.message(id) }) else {
      throw problem(.notFound)
    }
    return record
  }

  private func check(_ answers: [DeadLetterAnswer], of message: MessageRecord) throws(Problem) {
    switch answers.first {
    case .done: return
    case .unwanted(let reason): throw Problem(.wrongState, Self.sentence(reason, state: message.state))
    case .unfit(let state, let reason): throw problem(.wrongState(state, reason))
    case .missing, nil: throw problem(.notFound)
    }
  }

  private static func sentence(_ reason: Reason, state: Message.State) -> String {
    let why =
      switch reason {
      case .ordered: "the order has come"
      case .checkoutCancelled: "the shopper emptied the cart"
      default: "the cart changed, and its newer reminders take this one's place"
      }
    let rest =
      state == .dead
      ? "the message is cancelled (\(reason.rawValue))"
      : "the message stays \(state.rawValue), since it may have arrived; drop lets it go"
    return "it is not sent again: \(why); \(rest)"
  }

  /// Why no mail can go to an address, by the rules for events and those of envelopes; nil if one can.
  private static func defect(ofAddress address: String) -> String? {
    EmailAddress.complaint(about: address) ?? Mailbox(address: address).envelopeDefect
  }
}

/// What became of many dead letters.
struct DeadLetterTally: Sendable {
  private(set) var done = 0
  private var rest: [String: (count: Int, ids: [Int64])] = [:]

  mutating func leave(_ id: Int64, because reason: String) {
    rest[reason, default: (0, [])].count += 1
    if rest[reason, default: (0, [])].ids.count < Engine.idsTold { rest[reason]?.ids.append(id) }
  }

  mutating func add(_ answers: [DeadLetterAnswer], of ids: [Int64]) {
    for (id, answer) in zip(ids, answers) {
      switch answer {
      case .done: done += 1
      case .unwanted(let reason): leave(id, because: reason.rawValue)
      case .unfit, .missing: leave(id, because: "settled")
      }
    }
  }

  mutating func add(_ other: DeadLetterTally) {
    done += other.done
    for (reason, left) in other.rest {
      let mine = rest[reason, default: (0, [])]
      rest[reason] = (mine.count + left.count, Array((mine.ids + left.ids).prefix(Engine.idsTold)))
    }
  }

  func reply(_ verb: DeadLettersReply.Verb) -> DeadLettersReply {
    let rest = rest.sorted { $0.key < $1.key }.map { reason, left in
      DeadLettersReply.Rest(reason: reason, count: left.count, ids: left.ids.map(MessageID.text))
    }
    return DeadLettersReply(verb: verb, done: done, rest: rest)
  }
}

extension MessageQuery {
  /// The dead letters that a request is about.
  init(_ request: DeadLettersRequest, limit: Int) throws(Problem) {
    let reason = request.reason.flatMap(Reason.init)
    if request.reason != nil && reason == nil {
      let detail = "must be one of \(Reason.allCases.map(\.rawValue).joined(separator: ", "))"
      throw Problem(.invalid, "/reason \(detail)", errors: [.init(pointer: "/reason", detail: detail)])
    }
    self.init(
      states: [request.state == .dead ? .dead : .unknown], shop: request.shop,
      kind: request.kind.map { $0 == .order ? .order : .reminder }, reason: reason, limit: limit)
  }
}
