/// The messages that are claimed and not yet settled, and how far each is.
struct Flights: Sendable {
  private enum Stage {
    /// Claimed; nothing has left. Next: `handingOver`, `withdrawn`.
    case claimed
    /// The hand-over may have begun. Next: settled.
    case handingOver
    /// Not wanted any more before it began. Next: settled.
    case withdrawn
  }

  private var stages: [Int64: Stage] = [:]

  var count: Int { stages.count }

  /// How many have not begun and may.
  private(set) var waiting = 0

  mutating func add(_ message: Int64) {
    stages[message] = .claimed
    waiting += 1
  }

  /// False if the message was withdrawn: then it must not be handed over.
  mutating func begin(_ message: Int64) -> Bool {
    guard stages[message] == .claimed else { return false }
    stages[message] = .handingOver
    waiting -= 1
    return true
  }

  /// True if the message will not be handed over.
  mutating func withdraw(_ message: Int64) -> Bool {
    switch stages[message] {
    case .claimed:
      stages[message] = .withdrawn
      waiting -= 1
      return true
    case .withdrawn:
      return true
    case .handingOver, nil:
      return false
    }
  }

  mutating func remove(_ message: Int64) {
    if stages[message] == .claimed { waiting -= 1 }
    stages[message] = nil
  }
}
