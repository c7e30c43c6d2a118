import GRDBSQLite
import NudgeDaemon
import NudgeDomain
import SimulationModel

/// A mistake that nudged does not make, made on purpose: it breaks a promise, and the judge has to see that. Each is made
/// from outside: by a trigger in the database, by wires that lead nowhere, by a configuration other than the one that the
/// judge is told of, or by a mail server that tells nudged one thing and the journal another.
enum Sabotage: String, CaseIterable, Sendable {
  // MARK: P1

  /// A letter that is on its way is not taken back when the order comes.
  case recallSkipped = "recall-skipped"
  /// What closes a checkout does not last.
  case orderUndone = "order-undone"
  /// A reminder of a schedule that began anew meanwhile counts as one of the new.
  case staleAccepted = "stale-accepted"

  // MARK: P2

  /// A change of a checkout is acknowledged and not written.
  case changeLost = "change-lost"

  // MARK: P3

  case ledgerMissing = "ledger-missing"
  /// The ledger says accepted where the server said that it does not know.
  case ledgerLies = "ledger-lies"
  /// What was sent goes out once more.
  case sentAgain = "sent-again"
  /// What was refused goes out again by itself.
  case refusedAgain = "refused-again"
  /// An order message of unknown fate goes out again where the shop does not want that.
  case unknownAgain = "unknown-again"
  /// An order that is repeated counts as another.
  case orderTwice = "order-twice"

  // MARK: P4

  case secondEarly = "second-early"
  case tooLate = "too-late"
  case tooFast = "too-fast"
  /// What the provider allows in a day is not heard.
  case quotaIgnored = "quota-ignored"
  case tooMany = "too-many"
  case tooSoon = "too-soon"
  case pauseForgotten = "pause-forgotten"
  /// A clock that jumps is believed, however far it jumps.
  case clockBelieved = "clock-believed"

  /// The promises of which one at least is named for it.
  var rules: Set<Rule> {
    switch self {
    case .recallSkipped: [.orderWins]
    case .orderUndone: [.ordersCloseWhatTheyMatch]
    case .staleAccepted: [.orderWins, .neverEarly]
    case .changeLost: [.acknowledgedIsKept]
    case .ledgerMissing: [.ledgerComesFirst]
    case .ledgerLies: [.ledgerTellsTheTruth]
    case .sentAgain: [.neverTwice]
    case .refusedAgain: [.callsAreCounted]
    case .unknownAgain: [.callsAreCounted, .neverTwice]
    case .orderTwice: [.repetitionChangesNothing]
    case .secondEarly: [.neverEarly]
    case .tooLate: [.neverTooLate]
    case .tooFast: [.rateIsKept]
    case .quotaIgnored: [.dayIsKept]
    case .tooMany: [.maxInFlightIsKept]
    case .tooSoon: [.backoffIsKept]
    case .pauseForgotten: [.pauseIsKept]
    case .clockBelieved: [.doubtfulClockSendsNothing]
    }
  }
}

// MARK: In the database

extension Sabotage {
  private var trigger: String? {
    switch self {
    case .orderUndone:
      """
      AFTER UPDATE OF state ON checkout WHEN new.state = 'ordered' AND new.id % 3 = 0
      BEGIN UPDATE checkout SET state = 'open', closed_at = NULL, closed_by = NULL WHERE id = new.id; END
      """
    case .staleAccepted:
      """
      AFTER UPDATE OF schedule_generation ON checkout WHEN new.schedule_generation > old.schedule_generation
        AND EXISTS (SELECT 1 FROM message WHERE checkout = new.id AND state = 'sending')
      BEGIN UPDATE checkout SET schedule_generation = old.schedule_generation WHERE id = new.id; END
      """
    case .changeLost:
      """
      AFTER UPDATE OF content ON checkout WHEN new.content <> old.content
      BEGIN UPDATE checkout SET content = old.content WHERE id = new.id; END
      """
    case .ledgerMissing: "AFTER INSERT ON attempt BEGIN DELETE FROM attempt WHERE id = new.id; END"
    case .sentAgain: again("new.state = 'sent' AND new.id % 4 = 0")
    case .refusedAgain: again("new.state = 'dead' AND new.reason = 'refused'")
    case .orderTwice:
      "AFTER INSERT ON shop_order BEGIN UPDATE shop_order SET order_id = order_id || '~' || id WHERE id = new.id; END"
    case .secondEarly:
      """
      AFTER INSERT ON message WHEN new.state = 'scheduled' AND new.step IS NOT NULL
      BEGIN UPDATE message SET due_at = due_at - 1000 WHERE id = new.id; END
      """
    case .pauseForgotten:
      """
      AFTER UPDATE ON meta WHEN new.name = 'paused' AND new.value = 'true'
      BEGIN UPDATE meta SET value = 'false' WHERE name = 'paused'; END
      """
    default: nil
    }
  }

  private func again(_ condition: String) -> String {
    """
    AFTER UPDATE OF state ON message WHEN \(condition)
    BEGIN UPDATE message SET state = 'scheduled', reason = 'deferred', settled_at = NULL WHERE id = new.id; END
    """
  }

  struct Failure: Error {
    var text: String
  }

  /// - Parameter path: of a database that nobody has opened yet.
  func spoil(database path: String) throws(Failure) {
    guard let trigger else { return }
    var connection: OpaquePointer?
    defer { sqlite3_close_v2(connection) }
    let sql = "CREATE TRIGGER sabotage \(trigger)"
    guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE, "unix") == SQLITE_OK,
      sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK
    else { throw Failure(text: "\(rawValue): \(String(cString: sqlite3_errmsg(connection)))") }
  }
}

// MARK: Around it

extension Sabotage {
  /// Far more than any clock is set by.
  private static let everything = Duration.seconds(1_000 * 366 * 86_400)

  func spoil(_ configuration: inout Configuration) {
    switch self {
    case .tooLate: configuration.changePolicies { $0.maxLate = $0.maxLate + .seconds(86_400) }
    case .unknownAgain: configuration.changePolicies { $0.resendsUnknownOrderMessage = true }
    case .tooFast:
      if case .fixed(let rate) = configuration.sender.rate, rate > 0 { configuration.sender.rate = .fixed(rate + 1) }
    case .tooMany: configuration.sender.maxInFlight += 1
    case .tooSoon: configuration.retry.first = configuration.retry.first / 4
    case .clockBelieved: configuration.clock = ClockPolicy(jumpLimit: Self.everything, longestOutage: Self.everything)
    default: break
    }
  }

  func spoil(_ surroundings: inout Engine.Surroundings) {
    if self == .recallSkipped { surroundings.recall = { _ in [] } }
  }

  /// What nudged is told in place of what the account may do in a day.
  func told(perDay: Int?) -> Int? { self == .quotaIgnored ? nil : perDay }

  /// What nudged is told in place of what became of a letter.
  func told(_ fate: Provider.Fate) -> Provider.Fate {
    self == .ledgerLies && fate == .silenceTaken ? .taken : fate
  }
}

extension Configuration {
  fileprivate mutating func changePolicies(_ change: (inout NudgeDomain.ShopPolicy) -> Void) {
    for name in shops.keys {
      if var shop = shops[name] {
        change(&shop.policy)
        shops[name] = shop
      }
    }
  }
}
