import NudgeDomain

/// What is counted.
enum Tally: Equatable {
  case checkouts(Checkout.State)
  case messages(Message.State)
  case reasons(Reason)
  case outcomes(LedgerWord)
  case checkoutEvents
  case orderEvents

  var name: String {
    switch self {
    case .checkouts(let state): "checkouts_\(state.rawValue)"
    case .messages(let state): "messages_\(state.rawValue)"
    case .reasons(let reason): "reasons_\(reason.rawValue)"
    case .outcomes(let word): "outcomes_\(word.rawValue)"
    case .checkoutEvents: "events_checkout"
    case .orderEvents: "events_order"
    }
  }
}

/// What a group of verbs changes in the counts: summed up in memory and written once, before the commit.
struct TallyChanges {
  /// A handful, each once: looking through them takes less than hashing.
  private(set) var changes: [(tally: Tally, count: Int)] = []

  mutating func add(_ tally: Tally, _ count: Int = 1) {
    if let known = changes.firstIndex(where: { $0.tally == tally }) {
      changes[known].count += count
    } else {
      changes.append((tally, count))
    }
  }

  mutating func move(from old: Tally, to new: Tally) {
    guard old != new else { return }
    add(old, -1)
    add(new, 1)
  }
}

struct TallyTable {
  private let update: Statement

  init(_ connection: OpaquePointer) throws(StoreError) {
    update = try Statement(
      connection,
      """
      INSERT INTO tally (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value
      """)
  }

  func apply(_ tally: TallyChanges) throws(StoreError) {
    for (tally, count) in tally.changes where count != 0 { try update.run(.text(tally.name), .integer(count)) }
  }
}
