import GRDB
package import NudgeDomain
import Synchronization

/// nudged's memory: one SQLite file with one writer.
///
/// A verb is one call, one atomic change, and on disk when it returns. Reads see what was committed before they began.
package final class Store: Sendable {
  let writer: Writer
  let readers: Readers
  /// One copy is made at a time.
  let isCopying = Atomic(false)

  /// Opens the database at `path`, makes it if there is none, and brings it to the schema that this program knows.
  ///
  /// - Parameter workplace: nil for threads of its own.
  package convenience init(path: String, now: Moment, workplace: Workplace? = nil) throws(StoreError) {
    try self.init(path: path, checkpoints: .standard, workplace: workplace)
  }

  init(path: String, checkpoints: WriteAheadLog.Limits, workplace: Workplace? = nil) throws(StoreError) {
    writer = try Writer(path: path, checkpoints: checkpoints, workplace: workplace)
    readers = try Readers(path: path, workplace: workplace)
  }

  /// Runs what is queued, then lets the file go.
  package func close() async {
    readers.close()
    await writer.close()
  }

  /// How many verbs wait for the next group: the measure of overload.
  package var queued: Int { writer.queued }

  /// Set once the store takes no more verbs because the disk failed it.
  package var failure: StoreError? { writer.failure }

  /// Calls `report` once when `failure` is set; at once if it is.
  package func onFailure(_ report: @escaping @Sendable (StoreError) -> Void) {
    writer.onFailure(report)
  }

  /// Calls `report` with what a person may have to know of the writing. It runs between two groups: be short.
  package func onNews(_ report: @escaping @Sendable (StoreNews) -> Void) {
    writer.onNews(report)
  }
}

// MARK: - Verbs

extension Store {
  /// What a shop says of a checkout.
  package func record(
    _ change: CheckoutChange, policy: ShopPolicy, now: Moment
  ) async throws(StoreError) -> CheckoutReceipt {
    try await writer.perform { (session) throws(StoreError) in try session.record(change, policy: policy, now: now) }
  }

  /// An order: from its receipt on, no reminder of what it closed is claimed.
  package func record(_ order: Order, policy: ShopPolicy, now: Moment) async throws(StoreError) -> OrderReceipt {
    try await writer.perform { (session) throws(StoreError) in try session.record(order, policy: policy, now: now) }
  }

  /// One event, of either kind.
  package func record(
    _ event: ShopEvent, policies: Policies, now: Moment
  ) async throws(StoreError) -> EventReceipt {
    try await writer.perform { (session) throws(StoreError) in try session.record(event, policies: policies, now: now) }
  }

  /// The same for who does not wait: calls `answer` once, when what it wrote is on disk. That is between two groups of
  /// the writer: be short.
  package func record(
    _ event: ShopEvent, policies: Policies, now: Moment,
    answer: @escaping @Sendable (Result<EventReceipt, StoreError>) -> Void
  ) {
    writer.submit(
      Job({ (session) throws(StoreError) in try session.record(event, policies: policies, now: now) }, answer: answer))
  }

  /// Many events in their order; one that fails fails alone.
  package func record(
    _ events: [ShopEvent], policies: Policies, now: Moment
  ) async throws(StoreError) -> [Result<EventReceipt, StoreError>] {
    try await writer.perform { (session) throws(StoreError) in
      try session.record(events, policies: policies, now: now)
    }
  }

  /// Takes at most `limit` due messages for hand-over, each checked against its checkout and entered into the ledger.
  /// Order messages come first, then the reminders, of each the oldest before the others. Nothing while sending is
  /// paused.
  ///
  /// - Parameters:
  ///   - reminders: how many of them may be reminders.
  ///   - isProbe: whether this is to try a server that took nothing before: then what was tried goes to the back.
  ///   - early: is told what will be claimed before that goes to the disk, for what may be in vain; maybe more than once.
  ///     Other verbs wait meanwhile: be short.
  package func claimDue(
    now: Moment, limit: Int, reminders: Int = .max, isProbe: Bool = false, policies: Policies,
    early: @escaping @Sendable ([Claim]) -> Void = { _ in }
  ) async throws(StoreError) -> Claims {
    try await writer.perform { (session) throws(StoreError) in
      let claims = try session.claimDue(
        now: now, limit: limit, reminders: reminders, isProbe: isProbe, policies: policies)
      early(claims.claims)
      return claims
    }
  }

  /// How a hand-over ended. What follows, another try or the checkout's next reminder, is planned with it.
  package func settle(
    _ claim: Claim, outcome: Outcome, policies: Policies, now: Moment, jitter: Double
  ) async throws(StoreError) -> Settlement {
    try await writer.perform { (session) throws(StoreError) in
      try session.settle(claim, outcome: outcome, policies: policies, now: now, jitter: jitter)
    }
  }

  /// At start: what a previous run was handing over has an unknown outcome. Answers how many there were.
  package func resolveInterrupted(policies: Policies, now: Moment, jitter: Double) async throws(StoreError) -> Int {
    try await writer.perform { (session) throws(StoreError) in
      try session.resolveInterrupted(policies: policies, now: now, jitter: jitter)
    }
  }

  /// Makes dead letters due again, their attempts counted anew, unless their checkouts have moved on. All or none is
  /// written; asking again changes nothing more.
  ///
  /// - Parameters:
  ///   - states: those of `dead` and `unknown` that are meant; a message in another state stays as it is.
  ///   - who: who asked for it. That goes to the same disk with the same write, as with all that operators do.
  /// - Returns: one answer for each message, in their order.
  package func retry(
    _ messages: [Int64], from states: Set<Message.State> = [.dead, .unknown], by who: Operator? = nil, now: Moment
  ) async throws(StoreError) -> [DeadLetterAnswer] {
    try await writer.perform { (session) throws(StoreError) in
      try session.retry(messages, from: states, by: who, now: now)
    }
  }

  /// Gives dead letters up, in the manner of `retry`.
  package func drop(
    _ messages: [Int64], from states: Set<Message.State> = [.dead, .unknown], by who: Operator? = nil, now: Moment
  ) async throws(StoreError) -> [DeadLetterAnswer] {
    try await writer.perform { (session) throws(StoreError) in
      try session.drop(messages, from: states, by: who, now: now)
    }
  }

  /// Stops or resumes claiming; events are taken all the same. Survives restarts.
  package func setPaused(_ isPaused: Bool, by who: Operator? = nil, now: Moment) async throws(StoreError) {
    try await writer.perform { (session) throws(StoreError) in
      try session.meta.setPaused(isPaused)
      try session.operators.insert(OperatorAction(isPaused ? .pause : .resume), by: who, now: now)
    }
  }

  /// Writes down what an operator did that changes nothing else in the store.
  package func note(_ action: OperatorAction, by who: Operator?, now: Moment) async throws(StoreError) {
    try await writer.perform { (session) throws(StoreError) in
      try session.operators.insert(action, by: who, now: now)
    }
  }

  /// Forgets at most `limit` orders that were taken before that moment, closed nothing and sent nothing. A checkout of
  /// such an order that comes even later counts as open. Answers how many were forgotten.
  package func forget(before: Moment, limit: Int) async throws(StoreError) -> Int {
    try await writer.perform { (session) throws(StoreError) in try session.orders.forget(before: before, limit: limit) }
  }
}
