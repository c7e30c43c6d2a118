import Foundation
import GRDB

/// What nudged has written down, read from its file with SQL of our own.
struct Ledger: Sendable {
  struct Message: Sendable {
    var id: Int64
    var shop: String
    var checkout: String?
    var order: String?
    /// Nil for an order message.
    var step: Int?
    var generation: Int
    var state: String
    var reason: String
    var due: Int64
    var created: Int64
    var settled: Int64?
    var attempts: Int
    var isReminder: Bool { step != nil }
  }

  struct Attempt: Sendable {
    var id: Int64
    var message: Int64
    var started: Int64
    var settled: Int64?
    var outcome: String?
    var providerID: String?
    var error: String?
  }

  var messages: [Message]
  var attempts: [Attempt]
}

extension Ledger {
  /// - Parameter path: a database that nobody has open.
  init(path: String) throws {
    let queue = try DatabaseQueue(path: path)
    (messages, attempts) = try queue.read { database in
      (
        try Row.fetchAll(database, sql: Self.messagesSQL).map(Message.init),
        try Row.fetchAll(database, sql: "SELECT * FROM attempt ORDER BY id").map(Attempt.init)
      )
    }
    try queue.close()
  }

  private static let messagesSQL = """
    SELECT m.*, coalesce(c.shop, o.shop) AS shop, c.checkout_id, o.order_id FROM message m
    LEFT JOIN checkout c ON c.id = m.checkout LEFT JOIN shop_order o ON o.id = m.shop_order ORDER BY m.id
    """
}

extension Ledger.Message {
  fileprivate init(_ row: Row) {
    self.init(
      id: row["id"], shop: row["shop"], checkout: row["checkout_id"], order: row["order_id"], step: row["step"],
      generation: row["generation"], state: row["state"], reason: row["reason"], due: row["due_at"],
      created: row["created_at"], settled: row["settled_at"], attempts: row["attempts"])
  }
}

extension Ledger.Attempt {
  fileprivate init(_ row: Row) {
    self.init(
      id: row["id"], message: row["message"], started: row["started_at"], settled: row["settled_at"],
      outcome: row["outcome"], providerID: row["provider_id"], error: row["error"])
  }
}
