import Foundation
import NudgeAPI
import NudgeDomain
import NudgeMail
import Synchronization
import TestKit

@testable import NudgeDaemon
@testable import NudgeStore

/// A world for nudged with a time of its own: shops at its socket, Amazon SES at the other end, a person at the console.
///
/// Time moves only while nudged has nothing to do and nothing is on its way; a task of the test moves it.
final class World {
  struct Refused: Error {
    var answer: String
  }

  let seed: UInt64
  let folder: URL
  let clock: VirtualClock
  let journal = Journal()
  let ses: SESDouble
  private(set) var configuration: Configuration
  private(set) var life: Life
  private let bell: Bell
  private let jitter: @Sendable () -> Double
  private var hasEnded = false

  /// How long nudged waits for an answer where one may never come: real time.
  static let shortPatience = Duration.milliseconds(500)
  /// And where one always comes, however busy the machine is.
  static let patience = Duration.seconds(600)

  init(seed: UInt64, in folder: URL, configuration: Configuration, at start: Moment) throws {
    let bell = Bell()
    let clock = VirtualClock(start, bell: bell)
    let ses = try SESDouble(seed: seed, journal: journal, bell: bell) { clock.now().milliseconds }
    let dice = Mutex(Seeded(seed, for: "jitter"))
    let jitter: @Sendable () -> Double = { dice.withLock { Double.random(in: 0...1, using: &$0) } }
    self.seed = seed
    self.folder = folder
    self.bell = bell
    self.clock = clock
    self.ses = ses
    self.jitter = jitter
    self.configuration = configuration
    life = try Life(
      in: folder, configuration: configuration, sender: try Self.sender(to: ses, clock: clock), clock: clock,
      bell: bell, jitter: jitter)
  }

  private static func sender(to ses: SESDouble, isSecure: Bool = false, clock: VirtualClock) throws -> any Sender {
    let endpoint = "\(isSecure ? "https" : "http")://127.0.0.1:\(ses.port)"
    func sender(waiting patience: Duration) throws -> SESSender {
      SESSender(
        configuration: try .init(
          region: "eu-west-1", endpoint: endpoint, timeouts: .init(connect: Self.patience, answer: patience)),
        credentials: FixedCredentials(
          AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret"), from: "the test"),
        now: { clock.now() })
    }
    return WeatherwiseSender(
      ses: ses, patient: try sender(waiting: patience), impatient: try sender(waiting: shortPatience))
  }

  var now: Moment { clock.now() }

  // MARK: Time

  /// Lets everything happen that is due until `moment`, and ends there; what is due at that very moment may be going on.
  func pass(until moment: Moment) async throws {
    while clock.now() < moment {
      try await rest()
      guard let next = clock.earliest, next < moment else { return clock.advance(to: moment) }
      clock.advance(to: next)
    }
  }

  /// Lets time pass until nothing waits any more.
  func passUntilNothingIsDue() async throws {
    while true {
      try await rest()
      guard try await life.store.nextDue() != nil, let next = clock.earliest else { return }
      clock.advance(to: next)
    }
  }

  /// Returns when nudged sleeps, nothing is on its way, and a look around has found nothing to do.
  func rest() async throws {
    while true {
      let lines = life.log.lines
      let naps = clock.naps
      life.dispatcher.alarm.ring(nil)
      await bell.waits {
        ses.isHolding || (clock.naps > naps && clock.earliest != nil && life.dispatcher.inFlight == 0)
      }
      if ses.isHolding { try await crash() } else if life.log.lines == lines { return }
    }
  }

  // MARK: Nudged

  /// Ends this run without settling anything, and begins the next at the same moment.
  func crash() async throws {
    await life.crash()
    journal.note { evidence, seq in evidence.crashes.append(.init(seq: seq, at: now.milliseconds)) }
    ses.letGo()
    life = try Life(
      in: folder, configuration: configuration, sender: try Self.sender(to: ses, clock: clock), clock: clock,
      bell: bell, jitter: jitter)
  }

  /// A reload: with an endpoint that speaks no TLS where TLS is expected, or with the right one.
  func reload(isSecure: Bool) async throws {
    try await rest()
    await life.dispatcher.replace(
      desk: try MailDesk(configuration: configuration),
      sender: try Self.sender(to: ses, isSecure: isSecure, clock: clock))
  }

  /// Stops nudged as the service manager does, and answers what it has written down.
  func end() async throws -> Ledger {
    try await life.stop()
    hasEnded = true
    return try Ledger(path: folder.appending(path: "nudged.db").path)
  }

  /// Whatever still runs ends.
  fileprivate func leave() async {
    ses.letGo()
    if !hasEnded { await life.crash() }
    ses.end()
  }

  // MARK: Shops

  struct Cart: Sendable {
    var shop: String
    var id: String
    var item = "Mug"

    var json: JSON {
      [
        "type": "checkout", "shop": JSON(shop), "checkout_id": JSON(id), "email": JSON("\(id)@\(shop).example"),
        "name": "Ann", "url": JSON("https://\(shop).example/checkout/\(id)"), "currency": "EUR", "total": "12.50",
        "items": [["name": JSON(item), "quantity": 1, "price": "12.50"]],
      ]
    }
  }

  /// Checkouts happen now.
  func check(out carts: [Cart]) async throws {
    let lines = carts.map { $0.json.text + "\n" }.joined()
    let reply = try await ask("POST", "/events", lines, type: "application/x-ndjson")
    guard reply["accepted"]?.integer == Int64(carts.count) else { throw Refused(answer: reply.text) }
    journal.note { evidence, _ in
      evidence.carts += carts.map { .init(shop: $0.shop, id: $0.id, anchor: now.milliseconds) }
    }
  }

  /// A shopper buys what is in the cart, now.
  func order(_ id: String, of cart: Cart) async throws {
    let order: JSON = [
      "shop": JSON(cart.shop), "order_id": JSON(id), "checkout_id": JSON(cart.id),
      "email": JSON("\(cart.id)@\(cart.shop).example"), "total": "12.50", "currency": "EUR",
    ]
    let reply = try OrderReply(json: try await ask("POST", "/order", order.text))
    journal.note { evidence, seq in
      evidence.orders.append(
        .init(
          seq: seq, at: now.milliseconds, shop: cart.shop, id: id, closed: reply.closed,
          inFlight: reply.remindersInFlight, isAnswered: reply.orderMessage == .queued))
    }
  }

  // MARK: A person

  func messages(in state: String) async throws -> [MessageReply] {
    let page = try await ask("GET", "/messages?state=\(state)&limit=1000")
    return try MessagePage(json: page).messages
  }

  /// Decides to send a message again; nudged may refuse, because its checkout has moved on.
  func retry(_ message: MessageReply) async throws {
    guard let number = MessageID.number(message.id) else { return }
    let before = journal.mark()
    try await ask("POST", "/messages/\(message.id)/retry")
    journal.note { evidence, _ in evidence.retries.append(.init(seq: before, message: number)) }
  }

  /// Asks nudged something at its socket.
  @discardableResult
  func ask(_ method: String, _ target: String, _ body: String? = nil, type: String = "application/json") async throws
    -> JSON
  {
    let answer = try await life.shop.ask(method, target, body, type: type)
    guard answer.status < 300 else { throw Refused(answer: "\(target): \(answer.status) \(answer.text)") }
    return try answer.json
  }
}

/// Gives up soon where the server may stay silent for good, and nowhere else.
private struct WeatherwiseSender: Sender {
  let ses: SESDouble
  let patient: SESSender
  let impatient: SESSender

  func deliver(_ letter: Letter, mayLeave: @escaping @Sendable () -> Bool) async -> Delivery? {
    await (ses.mayHang ? impatient : patient).deliver(letter, mayLeave: mayLeave)
  }

  func quota() async -> QuotaAnswer? { await patient.quota() }

  func shutdown() async {
    await patient.shutdown()
    await impatient.shutdown()
  }
}

/// Runs `body` in a world of its own, and ends it.
func withWorld<T>(
  seed: UInt64, configuration: Configuration = Configuration(), at start: Moment = noon,
  isolation: isolated (any Actor)? = #isolation, _ body: (World) async throws -> T
) async throws -> T {
  try await withTemporaryFolder { folder in
    let world = try World(seed: seed, in: folder, configuration: configuration, at: start)
    let result: Result<T, any Error>
    do { result = .success(try await body(world)) } catch { result = .failure(error) }
    await world.leave()
    return try result.get()
  }
}
