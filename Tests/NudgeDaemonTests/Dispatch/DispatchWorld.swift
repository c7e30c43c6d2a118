import Foundation
import Logging
import NudgeDomain
import NudgeMail
import TestKit

@testable import NudgeDaemon
@testable import NudgeStore

/// An arbitrary beginning.
let noon = Moment(milliseconds: 1_763_812_800_000)

/// A dispatcher on a real store, with a clock and a mail server that the test holds.
struct DispatchWorld: Sendable {
  let store: Store
  let clock: HeldClock
  let sender: HeldSender
  let dispatcher: Dispatcher
  let folder: URL

  var policies: Policies { dispatcher.desk.configuration.policies }

  func checkout(
    _ id: String, email: String? = nil, at moment: Moment = noon, content: String = "{}"
  ) async throws {
    let change = CheckoutChange(
      key: CheckoutKey(shop: "default", id: id), email: email ?? "\(id)@example.com", occurredAt: moment,
      content: content)
    _ = try await store.record(change, policy: policies["default"], now: clock.now())
  }

  func order(_ id: String, closing checkout: String) async throws -> OrderReceipt {
    let order = Order(shop: "default", id: id, checkoutID: checkout, occurredAt: clock.now(), content: "{}")
    return try await store.record(order, policy: policies["default"], now: clock.now())
  }

  /// One tick, with all that it began come to its end.
  @discardableResult
  func tick() async throws -> Moment? {
    let clock = clock
    let dispatcher = dispatcher
    return try await withThrowingDiscardingTaskGroup { group in
      try await dispatcher.tick(now: clock.now(), into: &group)
    }
  }

  /// True if somebody has rung the alarm since the dispatcher looked: then it does not sleep.
  func isRung() async -> Bool {
    let clock = clock
    let before = clock.now()
    // Whoever sleeps all the same is woken, later.
    let rescue = Task {
      if await clock.sleepBegins() == Alarm.longestSleep { clock.advance(by: Alarm.longestSleep) }
    }
    await dispatcher.alarm.wait(until: nil, clock: clock)
    let isAwake = clock.now() == before
    let sleeper = Task { try? await clock.pass(.milliseconds(1)) }  // for the rescue that nobody needed
    await rescue.value
    sleeper.cancel()
    await sleeper.value
    return isAwake
  }

  /// Meddles with the database on the store's own connection.
  func execute(_ sql: String) async throws {
    try await store.writer.perform { (session) throws(StoreError) in try Schema.execute(session.connection, sql) }
  }

  /// All messages, oldest first, as `state/reason`.
  func messages() async throws -> [String] {
    try await store.messages(MessageQuery(limit: 1_000)).elements.sorted { $0.id < $1.id }
      .map { "\($0.state.rawValue)/\($0.reason.rawValue)" }
  }
}

func withDispatchWorld<T>(
  rate: Int = 0, maxInFlight: Int = 16, schedule: [Duration] = [.seconds(1_800)], templates: String? = nil,
  script: @escaping @Sendable (Letter) -> Delivery? = { _ in .accepted(providerID: nil) },
  isolation: isolated (any Actor)? = #isolation, _ body: (DispatchWorld) async throws -> T
) async throws -> T {
  try await withTemporaryFolder { folder in
    var configuration = Configuration()
    configuration.sender.rate = .fixed(rate)
    configuration.sender.maxInFlight = maxInFlight
    configuration.shops["default"]?.policy.schedule = Schedule(offsets: schedule) ?? .standard
    let clock = HeldClock(noon)
    let store = try Store(path: folder.appending(path: "nudged.db").path, now: noon)
    let sender = HeldSender(script)
    let dispatcher = Dispatcher(
      store: store, desk: try MailDesk(configuration: configuration), sender: sender, clock: clock, alarm: Alarm(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, jitter: { 0 })
    let world = DispatchWorld(store: store, clock: clock, sender: sender, dispatcher: dispatcher, folder: folder)
    let result: Result<T, any Error>
    do { result = .success(try await body(world)) } catch { result = .failure(error) }
    await store.close()
    return try result.get()
  }
}
