import NIOCore
import NIOPosix
import Synchronization

/// Sees to it that clients who send very much at once leave the event loops time to look at all others.
///
/// An event loop does everything that it has been asked to do before it looks at its sockets again. Each answer is
/// something to do, and the answers to thousands of requests that are there already, from many clients, follow so close upon
/// one another that a loop would not look for half a minute. So what is there already is begun in groups, and between two
/// groups the loop looks at every socket: whoever says something waits for one group, however many requests there are.
/// First come, first served, and each connection has one request in the line at most.
final class Looks: NIOEventLoopMetricsDelegate {
  /// How much is begun between two looks of one loop.
  static let group = 32

  fileprivate struct Loop {
    /// Since the loop has last looked.
    var begun = 0
    var line: [CheckedContinuation<Void, Never>] = []
  }

  private let loops = Mutex<[ObjectIdentifier: Loop]>([:])

  /// How many wait for the next look.
  var waiting: Int { loops.withLock { $0.values.reduce(0) { $0 + $1.line.count } } }

  /// Returns when one more may be begun on `loop`: at once, if few have since it last looked.
  func turn(on loop: any EventLoop) async {
    await withCheckedContinuation { continuation in
      let isFree = loops.withLock { $0[ObjectIdentifier(loop), default: Loop()].admit(continuation) }
      if isFree { continuation.resume() } else { loop.execute {} }
    }
    // Whoever is still in line needs another look, and a loop that has nothing to do takes none.
    if loops.withLock({ $0[ObjectIdentifier(loop)]?.line.isEmpty == false }) { loop.execute {} }
  }

  /// The loop has done everything, and now looks at its sockets.
  func processedTick(info: NIOEventLoopTickInfo) {
    let next = loops.withLock { $0[info.eventLoopID]?.nextGroup() ?? [] }
    for continuation in next { continuation.resume() }
  }
}

extension Looks.Loop {
  /// False if it has to wait in the line.
  fileprivate mutating func admit(_ continuation: CheckedContinuation<Void, Never>) -> Bool {
    guard begun < Looks.group, line.isEmpty else {
      line.append(continuation)
      return false
    }
    begun += 1
    return true
  }

  fileprivate mutating func nextGroup() -> [CheckedContinuation<Void, Never>] {
    let next = Array(line.prefix(Looks.group))
    line.removeFirst(next.count)
    begun = next.count
    return next
  }
}

/// The event loops of all clients. They are not those of mail, so that neither waits for the other.
struct ClientLoops: Sendable {
  /// Made by the first server of the process, and there as long as the process is.
  static let shared = ClientLoops(threads: System.coreCount)

  let group: MultiThreadedEventLoopGroup
  let looks = Looks()

  init(threads: Int) {
    group = MultiThreadedEventLoopGroup(numberOfThreads: threads, metricsDelegate: looks)
  }
}
