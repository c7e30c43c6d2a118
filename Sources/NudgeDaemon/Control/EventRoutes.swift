import HTTPTypes
import NIOCore
import NudgeAPI
import NudgeDomain
import NudgeStore

extension Engine {
  /// `POST /checkout` and `POST /order`
  ///
  /// An order is acknowledged only after every reminder that can still be held back has been.
  func takeEvent(_ kind: SingleEvent, _ call: Call) async throws(Problem) -> Reply {
    let event = try await call.reading { (json) throws(Problem) in try kind.event(json, heard: call.heard) }
    let receipt = try await queueing { () throws(StoreError) in
      try await store.record(event, policies: surroundings.policies(), now: call.now)
    }
    return Reply(TakenEvent(event, receipt, recalled: await follow([receipt])))
  }

  /// The same for who does not wait: calls `answer` once, wherever that happens to be. It may be between two groups of the
  /// writer: be short.
  func takeEvent(_ event: ShopEvent, now: Moment, answer: @escaping @Sendable (Result<TakenEvent, Problem>) -> Void) {
    do throws(Problem) { try takePlace() } catch { return answer(.failure(error)) }
    store.record(event, policies: surroundings.policies(), now: now) { [self] result in
      leavePlace()
      switch result {
      case .failure(let error): answer(.failure(problem(error)))
      case .success(let receipt) where receipt.inFlight.isEmpty:
        if let due = receipt.due { surroundings.ring(due) }
        answer(.success(TakenEvent(event, receipt, recalled: 0)))
      case .success(let receipt):
        Task { answer(.success(TakenEvent(event, receipt, recalled: await follow([receipt])))) }
      }
    }
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

/// What a request can tell that is one event.
enum SingleEvent: Int, CaseIterable, Sendable {
  case checkout
  case order

  /// Where it is sent to.
  var path: String {
    switch self {
    case .checkout: "/checkout"
    case .order: "/order"
    }
  }

  func event(_ json: JSON, heard: Hearing) throws(Problem) -> ShopEvent {
    switch self {
    case .checkout: .checkout(CheckoutChange(try CheckoutEvent(json, now: heard.latest), heard: heard))
    case .order: .order(Order(try OrderEvent(json, now: heard.latest), heard: heard))
    }
  }
}

/// An event that was recorded and followed, and what is to be said of it.
struct TakenEvent: Sendable {
  private let event: ShopEvent
  private let receipt: EventReceipt
  private let recalled: Int

  /// - Parameter recalled: how many of the reminders in flight have been taken back.
  init(_ event: ShopEvent, _ receipt: EventReceipt, recalled: Int) {
    self.event = event
    self.receipt = receipt
    self.recalled = recalled
  }

  func write(to writer: inout TextWriter) {
    switch receipt {
    case .checkout(let receipt): CheckoutReply(receipt).write(to: &writer)
    case .order(let receipt): OrderReply(receipt, shop: shop, recalled: recalled).write(to: &writer)
    }
  }

  private var shop: String {
    switch event {
    case .checkout(let change): change.key.shop
    case .order(let order): order.shop
    }
  }
}

extension Reply {
  init(_ taken: TakenEvent) {
    self.init(.accepted, mediaType: Call.jsonMediaType, ByteBuffer(writing: taken.write))
  }
}
