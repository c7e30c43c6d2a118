import Foundation
import NudgeDomain

/// Something that the store acknowledged, as it must be found in the database from then on.
enum Fact: Hashable, Sendable {
  /// A change of a checkout was taken; later ones have higher generations.
  case heard(checkout: String, generation: Int)
  /// An order was taken, and closed something or is answered.
  case ordered(order: String, isAnswered: Bool)
  /// No reminder of this checkout is claimed any more.
  case closed(checkout: String)
  /// Leave to hand a message over was given.
  case claimed(attempt: Int64, message: Int64, recipient: String)
  /// How it ended.
  case settled(attempt: Int64, outcome: LedgerWord)
  /// The message is in this state for ever.
  case final(message: Int64, Message.State)
  case retried(message: Int64)
  /// True until somebody says otherwise.
  case paused(Bool)
}

/// Who was told what, and after how many operations of the disk.
struct Journal: Sendable {
  struct Entry: Sendable {
    var fact: Fact
    /// From this many operations on it must be on the disk.
    var from: Int
    /// From this many on it need not be true any more.
    var until = Int.max
  }

  /// A state of the whole database that a group left.
  struct State: Sendable {
    var digest: UInt64
    /// After how many operations its verbs were answered.
    var from: Int
  }

  private(set) var entries: [Entry] = []
  private(set) var states: [State] = []

  mutating func note(_ facts: [Fact], from position: Int) {
    entries += facts.map { Entry(fact: $0, from: position) }
  }

  /// The group ended with this state. One that wrote nothing left the state before.
  mutating func note(state digest: UInt64, from position: Int) {
    guard states.last?.digest != digest else { return }
    states.append(State(digest: digest, from: position))
  }

  /// Somebody is about to say whether sending is paused: what was said of it before may not be true any more.
  mutating func endPause(at position: Int) {
    for index in entries.indices {
      guard case .paused = entries[index].fact, entries[index].until == .max else { continue }
      entries[index].until = position
    }
  }

  /// What the next process must find after a crash after so many operations, in which it may have been that the
  /// latest word on a pause was just being said.
  func inherited(at position: Int) -> Journal {
    var journal = Journal()
    journal.entries = entries.filter { $0.from <= position && $0.until > position }.map { entry in
      Entry(fact: entry.fact, from: 0)
    }
    return journal
  }

  /// The states that a crash after so many operations may leave: the last one that was answered for, and the one that
  /// was being written. Nil before the first.
  func allowed(at position: Int) -> [UInt64]? {
    guard let last = states.lastIndex(where: { $0.from <= position }) else { return nil }
    return states[last...].prefix(2).map(\.digest)
  }

  /// A number that tells crash points apart which must leave different things; 0 before anything was acknowledged.
  func stage(at position: Int) -> Int {
    entries.reduce(0) { $0 + ($1.from <= position ? 1 : 0) + ($1.until <= position ? 1 : 0) }
  }
}

extension Journal {
  private static let schema = """
    CREATE TABLE heard (checkout_id, generation, "from");
    CREATE TABLE ordered (order_id, is_answered, "from");
    CREATE TABLE closed (checkout_id, "from");
    CREATE TABLE claimed (attempt, message, recipient, "from");
    CREATE TABLE settled (attempt, outcome, "from");
    CREATE TABLE final (message, state, "from");
    CREATE TABLE retried (message, "from");
    CREATE TABLE paused (value, "from", until);
    """

  /// Writes the journal to a database, so that a crash image can be held against it in SQL.
  func write(to path: String) throws {
    let database = try Eye(path: path, access: .make)
    defer { database.close() }
    try database.execute("PRAGMA journal_mode = OFF; BEGIN;" + Self.schema)
    for entry in entries { try database.execute("INSERT INTO " + entry.row) }
    try database.execute("COMMIT")
  }
}

extension Journal.Entry {
  fileprivate var row: String {
    switch fact {
    case .heard(let checkout, let generation): "heard VALUES ('\(checkout)', \(generation), \(from))"
    case .ordered(let order, let isAnswered): "ordered VALUES ('\(order)', \(isAnswered), \(from))"
    case .closed(let checkout): "closed VALUES ('\(checkout)', \(from))"
    case .claimed(let attempt, let message, let recipient):
      "claimed VALUES (\(attempt), \(message), '\(recipient)', \(from))"
    case .settled(let attempt, let outcome): "settled VALUES (\(attempt), '\(outcome.rawValue)', \(from))"
    case .final(let message, let state): "final VALUES (\(message), '\(state.rawValue)', \(from))"
    case .retried(let message): "retried VALUES (\(message), \(from))"
    case .paused(let isPaused): "paused VALUES ('\(isPaused)', \(from), \(until))"
    }
  }
}
