import NudgeDomain

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

  private struct Flight {
    var stage: Stage
    let lane: Message.Lane
  }

  private struct Count {
    var all = 0
    var waiting = 0
  }

  private var flights: [Int64: Flight] = [:]
  private var orders = Count()
  private var reminders = Count()

  var count: Int { flights.count }

  /// How many have not begun and may.
  var waiting: Int { orders.waiting + reminders.waiting }

  func count(_ lane: Message.Lane) -> Int { self[lane].all }

  /// How many of a lane have not begun and may.
  func waiting(_ lane: Message.Lane) -> Int { self[lane].waiting }

  mutating func add(_ message: Int64, _ lane: Message.Lane = .reminder) {
    flights[message] = Flight(stage: .claimed, lane: lane)
    self[lane].all += 1
    self[lane].waiting += 1
  }

  /// True if the message may still begin.
  func mayBegin(_ message: Int64) -> Bool { flights[message]?.stage == .claimed }

  /// False if the message was withdrawn: then it must not be handed over.
  mutating func begin(_ message: Int64) -> Bool { leaveClaimed(message, for: .handingOver) }

  /// True as long as the message was not withdrawn.
  func isWanted(_ message: Int64) -> Bool { flights[message]?.stage != .withdrawn }

  /// What became of the message is known, whether it ever left or not: it cannot be withdrawn any more.
  ///
  /// - Returns: false if it was withdrawn before: then nothing has left, and whoever withdrew it was told so.
  mutating func end(_ message: Int64) -> Bool {
    _ = begin(message)
    return isWanted(message)
  }

  /// True if the message will not be handed over.
  mutating func withdraw(_ message: Int64) -> Bool {
    leaveClaimed(message, for: .withdrawn) || flights[message]?.stage == .withdrawn
  }

  mutating func remove(_ message: Int64) {
    guard let flight = flights.removeValue(forKey: message) else { return }
    self[flight.lane].all -= 1
    if flight.stage == .claimed { self[flight.lane].waiting -= 1 }
  }

  private mutating func leaveClaimed(_ message: Int64, for stage: Stage) -> Bool {
    guard let flight = flights[message], flight.stage == .claimed else { return false }
    flights[message]?.stage = stage
    self[flight.lane].waiting -= 1
    return true
  }

  private subscript(lane: Message.Lane) -> Count {
    get { lane == .order ? orders : reminders }
    set { if lane == .order { orders = newValue } else { reminders = newValue } }
  }
}
