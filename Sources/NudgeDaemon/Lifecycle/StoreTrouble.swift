import Logging
import NudgeDomain
import NudgeStore
import Synchronization

/// What people have to know of the store's writing: said once when it begins and once when it is over, however often it
/// is met meanwhile. A value; it is told the time.
struct StoreTrouble: Sendable {
  /// So long everything must have been written until a trouble is over: a disk that is nearly full takes small things.
  static let calm = Duration.seconds(5)

  enum Word: Hashable, Sendable {
    case full
    case locked
    case over
    case logGrows(bytes: Int64)
    case logIsShort
  }

  /// What was said last and is not over.
  private var trouble: Word?
  private var metAt: Uptime?
  private var wasHindered = false

  /// - Returns: what to say, and whether whoever waits for the store may try again.
  mutating func hear(_ news: StoreNews, now: Uptime) -> (word: Word?, isFree: Bool) {
    switch news {
    case .hindered(let error):
      let word: Word = error == .full ? .full : .locked
      defer { (trouble, metAt, wasHindered) = (word, now, true) }
      return (word == trouble ? nil : word, false)
    case .written:
      defer { wasHindered = false }
      guard trouble != nil, let metAt, now.since(metAt) >= Self.calm else { return (nil, wasHindered) }
      trouble = nil
      return (.over, wasHindered)
    case .logGrows(let bytes): return (.logGrows(bytes: bytes), false)
    case .logIsShort: return (.logIsShort, false)
    }
  }
}

extension Daemon {
  /// From now on the log tells what keeps the store from writing.
  func tellStoreNews() {
    let trouble = Mutex(StoreTrouble())
    store.onNews { [clock = surroundings.clock, logger, alarm] news in
      let (word, isFree) = trouble.withLock { $0.hear(news, now: clock.uptime()) }
      if let word { Self.tell(word, logger) }
      if isFree { alarm.ring(nil) }  // what is due waits for this
    }
  }

  private static func tell(_ word: StoreTrouble.Word, _ logger: Logger) {
    switch word {
    case .full: logger.error("The disk is full: events are refused and nothing is sent until there is room")
    case .locked:
      logger.error("Another program holds a lock on the database: events are refused and nothing is sent until it ends")
    case .over: logger.notice("The database can be written again: events are taken and mail is sent")
    case .logGrows(let bytes):
      logger.warning(
        "Another program reads the database and does not end: the write-ahead log grows until it does",
        metadata: ["bytes": "\(bytes)"])
    case .logIsShort: logger.notice("The write-ahead log is short again")
    }
  }
}
