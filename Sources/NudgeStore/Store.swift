package import NudgeDomain

/// nudged's memory: one SQLite file, one writer.
package final class Store: Sendable {
  /// Opens the database at `path`, and makes it if there is none.
  package init(path: String, now: Moment) throws(StoreError) { throw .cannotOpen(path) }
  package func close() async {}
  /// Set once the store takes no more verbs.
  package var failure: StoreError? { nil }
  package func onFailure(_ report: @escaping @Sendable (StoreError) -> Void) {}

  package func record(
    _ change: CheckoutChange, policy: ShopPolicy, now: Moment
  ) async throws(StoreError) -> CheckoutReceipt { throw .notFound }
  package func record(_ order: Order, policy: ShopPolicy, now: Moment) async throws(StoreError) -> OrderReceipt {
    throw .notFound
  }
  package func record(
    _ events: [ShopEvent], policies: Policies, now: Moment
  ) async throws(StoreError) -> [Result<EventReceipt, StoreError>] { throw .notFound }
  package func claimDue(now: Moment, limit: Int, policies: Policies) async throws(StoreError) -> Claims {
    throw .notFound
  }
  package func settle(
    _ claim: Claim, outcome: Outcome, policies: Policies, now: Moment, jitter: Double
  ) async throws(StoreError) -> Settlement { throw .notFound }
  package func resolveInterrupted(policies: Policies, now: Moment, jitter: Double) async throws(StoreError) -> Int {
    throw .notFound
  }
  package func retry(message: Int64, now: Moment) async throws(StoreError) -> MessageRecord { throw .notFound }
  package func drop(message: Int64, now: Moment) async throws(StoreError) -> MessageRecord { throw .notFound }
  package func setPaused(_ paused: Bool) async throws(StoreError) {}
  package func forget(before: Moment, limit: Int) async throws(StoreError) -> Int { 0 }

  package func nextDue() async throws(StoreError) -> Moment? { nil }
  package func isPaused() async throws(StoreError) -> Bool { false }
  package func summary(now: Moment) async throws(StoreError) -> Summary { throw .notFound }
  package func checkouts(_ query: CheckoutQuery) async throws(StoreError) -> Page<CheckoutRecord> { throw .notFound }
  package func checkout(_ key: CheckoutKey) async throws(StoreError) -> CheckoutRecord? { nil }
  package func messages(_ query: MessageQuery) async throws(StoreError) -> Page<MessageRecord> { throw .notFound }
  package func message(_ id: Int64) async throws(StoreError) -> MessageRecord? { nil }
  package func messageContent(_ id: Int64) async throws(StoreError) -> ClaimContent? { nil }
  package func backup(to path: String) async throws(StoreError) {}
}
