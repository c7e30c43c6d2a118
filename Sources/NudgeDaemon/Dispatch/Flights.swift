/// The messages that are claimed and not yet settled, and how far each is.
struct Flights: Sendable {
  private enum Stage {
    /// Claimed; the server may know of the mail, but nothing of it has left. Next: `handingOver`, `withdrawn`.
    case claimed
    /// The mail may have left, or what became of it is known. Next: settled.
    case handingOver
    /// Not wanted any more before it left. Next: settled.
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

  /// True as long as the message was not withdrawn.
  func isWanted(_ message: Int64) -> Bool { stages[message] != .withdrawn }

  /// What became of the message is known, whether it ever left or not: it cannot be withdrawn any more.
  ///
  /// - Returns: false if it was withdrawn before: then nothing has left, and whoever withdrew it was told so.
  mutating func end(_ message: Int64) -> Bool {
    _ = begin(message)
    return isWanted(message)
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
