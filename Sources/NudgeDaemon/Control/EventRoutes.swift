import HTTPTypes
import NudgeAPI
import NudgeDomain
import NudgeStore

extension Engine {
  /// `POST /checkout`
  func takeCheckout(_ call: Call) async throws(Problem) -> Reply {
    let change = try await call.reading { (json) throws(Problem) in
      CheckoutChange(try CheckoutEvent(json, now: call.heard.latest), heard: call.heard)
    }
    let policy = surroundings.policies()[change.key.shop]
    let receipt = try await queueing { () throws(StoreError) in
      try await store.record(change, policy: policy, now: call.now)
    }
    _ = await follow([.checkout(receipt)])
    return Reply(.accepted, CheckoutReply(receipt).json)
  }

  /// `POST /order`
  ///
  /// The order is acknowledged only after every reminder that can still be held back has been.
  func takeOrder(_ call: Call) async throws(Problem) -> Reply {
    let order = try await call.reading { (json) throws(Problem) in
      Order(try OrderEvent(json, now: call.heard.latest), heard: call.heard)
    }
    let policy = surroundings.policies()[order.shop]
    let receipt = try await queueing { () throws(StoreError) in
      try await store.record(order, policy: policy, now: call.now)
    }
    let recalled = await follow([.order(receipt)])
    return Reply(.accepted, OrderReply(receipt, shop: order.shop, recalled: recalled).json)
  }

  /// Does what recorded events ask of the dispatcher: takes back what is in flight, wakes it for what became due.
  ///
  /// - Returns: how many messages were taken back.
  func follow(_ receipts: [EventReceipt]) async -> Int {
    let inFlight = receipts.flatMap(\.inFlight)
    let recalled = inFlight.isEmpty ? [] : await surroundings.recall(inFlight)
    if let due = receipts.lazy.compactMap(\.due).min() { surroundings.ring(due) }
    return recalled.count
  }
}
