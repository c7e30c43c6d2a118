import NIOCore
import Synchronization

/// One client's connection.
final class Connection: Sendable {
  let channel: any Channel
  let standing: Mutex<Standing>

  init(_ channel: any Channel) {
    self.channel = channel
    standing = Mutex(Standing(now: channel.eventLoop.now))
  }
}

/// The connections that are open, and whether they still may be.
final class Connections: Sendable {
  private struct State {
    var open: [ObjectIdentifier: Connection] = [:]
    var limit = Int.max
    var isDraining = false
    /// Whoever comes now is sent away at once.
    var isOver = false
    /// Wait until none is open.
    var lastOnes: [CheckedContinuation<Void, Never>] = []
    /// Waits for one to close.
    var waiter: CheckedContinuation<Void, Never>?
  }

  /// How long a client may make nudged wait, for its next request or in the middle of something, while others have no
  /// place. Who has only just come is on its way to say what it wants.
  static let patience = TimeAmount.seconds(1)
  /// How many idle ones make room at once: the next newcomers need not wait then.
  static let leavingAtOnce = 16
  /// How often it is looked whether somebody has exhausted it.
  private static let lookAgain = TimeAmount.milliseconds(100)

  private let state = Mutex(State())

  /// How many are open, and how many may be.
  var count: (open: Int, limit: Int) { state.withLock { ($0.open.count, $0.limit) } }

  func limit(to limit: Int) { state.withLock { $0.limit = limit } }

  func opened(_ connection: Connection) {
    let (isDraining, isOver) = state.withLock { state in
      state.open[ObjectIdentifier(connection.channel)] = connection
      return (state.isDraining, state.isOver)
    }
    if isDraining { Self.quiesce(connection.channel) }
    if isOver { connection.channel.close(promise: nil) }
  }

  func closed(_ connection: Connection) {
    let waiters = state.withLock { state in
      state.open[ObjectIdentifier(connection.channel)] = nil
      let lastOnes = state.open.isEmpty ? state.lastOnes : []
      if state.open.isEmpty { state.lastOnes = [] }
      return [state.waiter.take()].compactMap(\.self) + lastOnes
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Returns when none is open.
  func allClosed() async {
    await withCheckedContinuation { continuation in
      let areClosed = state.withLock { state in
        if !state.open.isEmpty { state.lastOnes.append(continuation) }
        return state.open.isEmpty
      }
      if areClosed { continuation.resume() }
    }
  }

  /// True if the client has sent more than the request that is under way.
  func isAhead(_ channel: any Channel) -> Bool {
    let connection = state.withLock { $0.open[ObjectIdentifier(channel)] }
    return connection?.standing.withLock { $0.isAhead } ?? false
  }

  /// Closes each one as soon as no request is running on it: at once if it is idle.
  func drain() {
    let open = state.withLock { state in
      state.isDraining = true
      return Array(state.open.values)
    }
    for connection in open { Self.quiesce(connection.channel) }
  }

  /// Closes, in the manner of `drain`, those whose clients have said something. The others may still.
  func dismissKnown() {
    let open = state.withLock { Array($0.open.values) }
    for connection in open where connection.standing.withLock({ $0.hasSpoken }) { Self.quiesce(connection.channel) }
  }

  /// Closes all, whatever is running, and whoever comes from now on.
  func closeAll() {
    let open = state.withLock { state in
      state.isOver = true
      return Array(state.open.values)
    }
    for connection in open { connection.channel.close(promise: nil) }
  }

  private static func quiesce(_ channel: any Channel) {
    channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
  }
}

// MARK: - Too many

extension Connections {
  /// Returns when there is a place for `newcomer`, which counts as open already. For that, those are closed that have been
  /// idle for the longest time, some at once; if none is, the one that has made nudged wait for the longest time.
  func makeRoom(for newcomer: any Channel) async {
    while true {
      let open = state.withLock { $0.open.count > $0.limit ? Array($0.open.values) : [] }
      if open.isEmpty { return }
      Self.sendSomeAway(of: open.filter { $0.channel !== newcomer }, now: newcomer.eventLoop.now)
      await oneClosed(newcomer.eventLoop)
    }
  }

  /// Closes those that are missed least, whatever the limit is.
  func sendSomeAway(now: NIODeadline) {
    Self.sendSomeAway(of: state.withLock { Array($0.open.values) }, now: now)
  }

  private static func sendSomeAway(of open: [Connection], now: NIODeadline) {
    let waits = open.map { $0.standing.withLock { $0.wait } }
    for index in leastMissed(waits, now: now) { open[index].channel.close(promise: nil) }
  }

  /// Whom to send away; nobody if nudged is at work for all of them, or has waited for none of them for long.
  static func leastMissed(_ waits: [Standing.Wait], now: NIODeadline) -> [Int] {
    let latest = now - patience
    var idle: [(index: Int, since: NIODeadline)] = []
    var slowest: (index: Int, since: NIODeadline)?
    for (index, wait) in waits.enumerated() {
      switch wait {
      case .forNudged: break
      case .idle(let since): if since <= latest { idle.append((index, since)) }
      case .slow(let since): if since <= latest, slowest.map({ since < $0.since }) ?? true { slowest = (index, since) }
      }
    }
    if !idle.isEmpty { return idle.sorted { $0.since < $1.since }.prefix(leavingAtOnce).map(\.index) }
    return slowest.map { [$0.index] } ?? []
  }

  /// Waits for one to close, but not for long.
  private func oneClosed(_ loop: any EventLoop) async {
    let timer = loop.scheduleTask(in: Self.lookAgain) { self.wake() }
    await withCheckedContinuation { continuation in
      let isFull = state.withLock { state in
        let isFull = state.open.count > state.limit
        if isFull { state.waiter = continuation }
        return isFull
      }
      if !isFull { continuation.resume() }
    }
    timer.cancel()
  }

  private func wake() {
    state.withLock { $0.waiter.take() }?.resume()
  }
}
