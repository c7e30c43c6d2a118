import Foundation
import NudgeAPI
import NudgeDaemon
import SimulationModel

extension Snapshot {
  /// The tables, read from outside.
  init(_ peek: Peek) {
    let attempts = Dictionary(grouping: peek.all(Self.attempts, read: AttemptRow.init)) { $0.message }
    self.init(
      checkouts: peek.all(Self.checkouts, read: CheckoutRow.init), orders: peek.all(Self.orders, read: OrderRow.init),
      messages: peek.all(Self.messages) { row in
        var message = MessageRow(row)
        message.attempts = attempts[message.id] ?? []
        return message
      })
  }

  private static let attempts = "SELECT id, message, started_at, settled_at, outcome FROM attempt ORDER BY id"
  private static let checkouts = """
    SELECT c.shop, c.checkout_id, c.email, c.customer_id, c.state, c.generation, c.occurred_at, c.changed_at,
      c.closed_at, c.closed_by, (SELECT min(m.due_at) FROM message m WHERE m.checkout = c.id AND m.step IS NOT NULL
        AND m.state = 'scheduled'), c.is_empty, json_extract(c.content, '$.items[0].name')
    FROM checkout c ORDER BY c.id
    """
  private static let orders = """
    SELECT shop, order_id, checkout_id, email, customer_id, occurred_at FROM shop_order ORDER BY id
    """
  private static let messages = """
    SELECT m.id, coalesce(c.shop, o.shop), c.checkout_id, o.order_id, m.step, coalesce(o.email, c.email), m.state,
      m.reason, m.due_at, m.generation, m.settled_at
    FROM message m LEFT JOIN checkout c ON c.id = m.checkout LEFT JOIN shop_order o ON o.id = m.shop_order ORDER BY m.id
    """
}

/// What nudged says of itself, beside its tables.
final class Answers: Sendable {
  nonisolated(unsafe) private var status = ""
  nonisolated(unsafe) private var metrics = ""
  nonisolated(unsafe) private var clock = ""
  nonisolated(unsafe) private var messages: [[String]]?
  nonisolated(unsafe) private var checkouts: [[String]]?

  func ask(_ door: Door, pageLength: Int) async {
    status = await door.ask("GET", "/status").body
    metrics = await door.ask("GET", "/metrics").body
    clock = await door.ask("GET", "/clock").body
    messages = await Self.pages("messages", of: pageLength, door) { $0["id"]?.string ?? "" }
    checkouts = await Self.pages("checkouts", of: pageLength, door) { row in
      "\(row["shop"]?.string ?? "")/\(row["checkout_id"]?.string ?? "")"
    }
  }

  func tell(_ snapshot: inout Snapshot) {
    snapshot.status = Status(status)
    if let isDoubted = (try? JSON(parsing: clock))?["doubted"]?.bool { snapshot.status?.isClockInDoubt = isDoubted }
    snapshot.metrics = Samples.read(metrics)
    snapshot.messagePages = messages
    snapshot.checkoutPages = checkouts
  }

  /// All pages of a list; nil if one cannot be had.
  private static func pages(
    _ name: String, of length: Int, _ door: Door, id: (JSON) -> String
  ) async -> [[String]]? {
    var pages: [[String]] = []
    var after = ""
    repeat {
      let answer = await door.ask("GET", "/\(name)?limit=\(length)\(after)")
      guard let json = try? JSON(parsing: answer.body), let rows = json[name]?.array else { return nil }
      pages.append(rows.map(id))
      after = json["next"]?.string.map { "&after=\($0)" } ?? ""
    } while !after.isEmpty && pages.count < mostPages
    return pages
  }

  private static let mostPages = 10_000
}

extension CheckoutRow {
  fileprivate init(_ row: Peek.Row) {
    self.init(
      shop: row.word(0), checkoutID: row.word(1), email: row.word(2), customerID: row.text(3), state: row.word(4),
      generation: Int(row.integer(5)), occurredAt: row.integer(6), changedAt: row.integer(7), closedAt: row.number(8),
      closedBy: row.text(9), nextReminderAt: row.number(10), content: row.integer(11) == 1 ? "" : row.text(12))
  }
}

extension OrderRow {
  fileprivate init(_ row: Peek.Row) {
    self.init(
      shop: row.word(0), orderID: row.word(1), checkoutID: row.text(2), email: row.text(3), customerID: row.text(4),
      occurredAt: row.integer(5))
  }
}

extension MessageRow {
  fileprivate init(_ row: Peek.Row) {
    let step = row.number(4).map(Int.init)
    self.init(
      id: "m-\(row.integer(0))", shop: row.word(1), checkoutID: row.text(2), orderID: row.text(3),
      kind: step == nil ? .order : .reminder, step: step, email: row.word(5), state: row.word(6), reason: row.word(7),
      dueAt: row.integer(8), generation: Int(row.integer(9)), settledAt: row.number(10))
  }
}

extension Status {
  /// Nil unless it is the answer to `GET /status`.
  init?(_ text: String) {
    guard let json = try? JSON(parsing: text) else { return nil }
    func count(_ name: String) -> Int { Int(json[name]?.integer ?? -1) }
    guard let isPaused = json["paused"]?.bool else { return nil }
    self.init(
      isPaused: isPaused, sender: json["sender"]?["state"]?.string ?? "", checkoutsOpen: count("checkouts_open"),
      messagesScheduled: count("messages_scheduled"), messagesSending: count("messages_sending"),
      messagesDead: count("messages_dead"), messagesUnknown: count("messages_unknown"), sentTotal: count("sent_total"),
      nextDueAt: Wire.time(json["next_due_at"]))
  }
}

/// The samples of `GET /metrics`.
enum Samples {
  static func read(_ text: String) -> [String: Double] {
    var samples: [String: Double] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else { continue }
      samples[String(line[..<space])] = value
    }
    return samples
  }
}
