import Foundation
import NudgeDomain
import Synchronization
import TestKit
import Testing

@testable import NudgeStore

/// Minutes after an arbitrary beginning: the unit in which these tests tell their stories.
func at(_ minutes: Int) -> Moment {
  Moment(milliseconds: 1_700_000_000_000).advanced(by: .seconds(60 * minutes))
}

/// A store in a folder of its own, and the policies that a test sets.
struct World: Sendable {
  let path: String
  let store: Store
  var policies = Policies()

  var policy: ShopPolicy {
    get { policies.standard }
    set { policies.standard = newValue }
  }

  /// A row of a table or view, as a SQL function sees it: text of all columns with bars between.
  func rows(_ sql: String) async throws -> [String] {
    let result = try await Program.run(URL(filePath: "/usr/bin/sqlite3"), ["-readonly", path, sql])
    guard result.status == 0 else { throw StoreError.failed(result.errorText) }
    return result.text.split(separator: "\n").map(String.init)
  }
}

func withWorld<T>(
  limits: WriteAheadLog.Limits = .standard, isolation: isolated (any Actor)? = #isolation,
  _ body: (inout World) async throws -> T
) async throws -> T {
  try await withTemporaryFolder { folder in
    let path = folder.appending(path: "nudged.db").path
    var world = World(path: path, store: try Store(path: path, checkpoints: limits))
    let result: Result<T, any Error>
    do { result = .success(try await body(&world)) } catch { result = .failure(error) }
    await world.store.close()
    return try result.get()
  }
}

extension World {
  @discardableResult
  func checkout(
    _ id: String = "c-1", shop: String = "default", orderID: String? = nil, email: String = "ann@example.com",
    customerID: String? = nil, at minute: Int = 0, isTimeStated: Bool = true, content: String = "mug",
    isEmpty: Bool = false, heard: Int? = nil
  ) async throws -> CheckoutReceipt {
    let change = CheckoutChange(
      key: CheckoutKey(shop: shop, id: id), orderID: orderID, email: email, customerID: customerID,
      occurredAt: NudgeStoreTests.at(minute), isTimeStated: isTimeStated, content: content, isEmpty: isEmpty)
    return try await store.record(change, policy: policies[shop], now: NudgeStoreTests.at(heard ?? minute))
  }

  @discardableResult
  func order(
    _ id: String = "o-1", shop: String = "default", checkoutID: String? = nil, email: String? = nil,
    customerID: String? = nil, at minute: Int = 0, isTimeStated: Bool = true, content: String = "receipt",
    heard: Int? = nil
  ) async throws -> OrderReceipt {
    let order = Order(
      shop: shop, id: id, checkoutID: checkoutID, email: email, customerID: customerID,
      occurredAt: NudgeStoreTests.at(minute), isTimeStated: isTimeStated, content: content)
    return try await store.record(order, policy: policies[shop], now: NudgeStoreTests.at(heard ?? minute))
  }

  func claim(at minute: Int, limit: Int = 100) async throws -> Claims {
    try await store.claimDue(now: NudgeStoreTests.at(minute), limit: limit, policies: policies)
  }

  /// The one message that is due then.
  func claimOne(at minute: Int) async throws -> Claim {
    let claims = try await claim(at: minute).claims
    guard let claim = claims.first, claims.count == 1 else { throw StoreError.failed("\(claims.count) claims") }
    return claim
  }

  @discardableResult
  func settle(_ claim: Claim, _ outcome: Outcome, at minute: Int) async throws -> Settlement {
    try await store.settle(claim, outcome: outcome, policies: policies, now: NudgeStoreTests.at(minute), jitter: 0)
  }

  @discardableResult
  func settle(_ claim: Claim, _ delivery: Delivery, at minute: Int) async throws -> Settlement {
    try await settle(claim, .delivered(delivery), at: minute)
  }

  /// The messages of a checkout in the order in which they were planned: kind, state and reason.
  func story(_ id: String = "c-1", shop: String = "default") async throws -> [String] {
    let query = MessageQuery(checkout: CheckoutKey(shop: shop, id: id), limit: 1_000)
    return try await store.messages(query).elements.reversed().map { message in
      let kind = message.kind.step.map { "\($0)" } ?? "order"
      return "\(kind) \(message.state.rawValue) \(message.reason.rawValue)"
    }
  }
}

extension Delivery {
  static let accepted = Delivery.accepted(providerID: "p-1")
  static let deferred = Delivery.deferred(.message, error: "451 later")
  static let throttled = Delivery.deferred(.throttled, error: "too fast")
  static let refused = Delivery.refused(error: "550 no")
  static let unknown = Delivery.unknown(error: "lost")
}

extension Store {
  /// How many groups were committed.
  var commits: Int { writer.groups.load(ordering: .relaxed) }
}

extension World {
  /// Holds what the summary says against a count of all rows.
  func expectTrueTally() async throws {
    let summary = try await store.summary(now: NudgeStoreTests.at(0))
    func counts(_ sql: String) async throws -> [String: Int] {
      let pairs = try await rows(sql).map { $0.split(separator: "|").map(String.init) }
      return Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], Int($0[1]) ?? -1) })
    }
    func tallied<T: RawRepresentable<String>>(_ tally: [T: Int]) -> [String: Int] {
      Dictionary(uniqueKeysWithValues: tally.filter { $1 != 0 }.map { ($0.rawValue, $1) })
    }
    #expect(
      try await counts("SELECT state, count(*) FROM checkout GROUP BY state") == tallied(summary.checkouts))
    #expect(try await counts("SELECT state, count(*) FROM message GROUP BY state") == tallied(summary.messages))
    #expect(try await counts("SELECT reason, count(*) FROM message GROUP BY reason") == tallied(summary.reasons))
    #expect(
      try await counts("SELECT outcome, count(*) FROM attempt WHERE outcome IS NOT NULL GROUP BY outcome")
        == tallied(summary.outcomes))
  }
}

extension World {
  /// Makes SQLite refuse a row, as a fault in a verb would.
  func trigger(_ when: String) async throws {
    try await store.writer.perform { (session) throws(StoreError) in
      try session.execute("CREATE TRIGGER fault \(when) BEGIN SELECT raise(ABORT, 'fault'); END")
    }
  }
}
