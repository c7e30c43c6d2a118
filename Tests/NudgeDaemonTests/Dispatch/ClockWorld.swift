import Logging
import NudgeDomain
import NudgeMail
import Synchronization

@testable import NudgeDaemon
@testable import NudgeStore

let halfHour = Duration.seconds(1_800)
let hour = Duration.seconds(3_600)
let day = Duration.seconds(86_400)
let decades = day * 27_000

/// A dispatcher that keeps an eye on the clocks, as it does once it runs.
func withClockWorld<T>(
  rate: Int = 0, schedule: [Duration] = [halfHour, day, day * 3],
  script: @escaping @Sendable (Letter) -> Delivery? = { _ in .accepted(providerID: nil) },
  isolation: isolated (any Actor)? = #isolation, _ body: (DispatchWorld) async throws -> T
) async throws -> T {
  try await withDispatchWorld(rate: rate, schedule: schedule, script: script) { world in
    try await world.dispatcher.recallClock()
    return try await body(world)
  }
}

extension DispatchWorld {
  /// Another dispatcher for the same store.
  func anotherDispatcher() -> Dispatcher {
    Dispatcher(
      store: store, desk: dispatcher.desk, sender: sender, clock: clock, alarm: Alarm(), logger: .silent, jitter: { 0 })
  }

  /// The same store, with a dispatcher that starts.
  func restarted() async throws -> DispatchWorld {
    await dispatcher.keepClock()
    let dispatcher = anotherDispatcher()
    try await dispatcher.recallClock()
    return DispatchWorld(store: store, clock: clock, sender: sender, dispatcher: dispatcher, folder: folder)
  }

  /// A checkout, as the control room records it.
  func hears(_ id: String) async throws {
    let now = dispatcher.clock.now()
    let change = CheckoutChange(
      key: CheckoutKey(shop: "default", id: id), email: "\(id)@example.com", occurredAt: now, content: "{}")
    _ = try await store.record(change, policy: policies["default"], now: now)
  }

  func due(_ id: String) async throws -> Moment? {
    try await store.checkout(CheckoutKey(shop: "default", id: id))?.nextReminderAt
  }

  /// One tick, whose hand-over ends like that after the clock was set.
  func tick(setting step: Duration, inFlight delivery: Delivery) async throws {
    let (clock, dispatcher, sender) = (clock, dispatcher, sender)
    try await withThrowingDiscardingTaskGroup { group in
      _ = try await dispatcher.tick(now: clock.now(), into: &group)
      let handOver = await sender.next()
      clock.step(by: step)
      handOver.answer(delivery)
    }
  }

  /// Those who have got mail, in its order.
  var recipients: [String] { sender.letters.map { String($0.recipient.prefix { $0 != "@" }) } }
}

/// Remembers what is logged.
final class Said: LogHandler, Sendable {
  private let said = Mutex<[String]>([])

  var lines: [String] { said.withLock { $0 } }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  var logLevel: Logger.Level {
    get { .info }
    set {}
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  func log(event: LogEvent) {
    said.withLock { $0.append("\(event.level): \(event.message) \(event.metadata ?? [:])") }
  }
}
