import SimulationModel

/// The time of a world. It moves only from one thing that is to happen to the next, while nobody has anything to do.
///
/// The wall clock drifts and is set. The machine sleeps, and then whatever was to happen meanwhile happens as it wakes.
final class VirtualTime: Sendable {
  typealias Action = @Sendable () -> Void

  private struct Entry {
    var at: Int64
    /// Of two at the same time, the one that was planned first.
    var number: Int
    var action: Action

    static func < (left: Entry, right: Entry) -> Bool { (left.at, left.number) < (right.at, right.number) }
  }

  /// Milliseconds of true time since the world began.
  nonisolated(unsafe) private(set) var elapsed: Int64 = 0
  /// The wall clock at the moment `setAt` of true time, and how fast it goes since: parts in a million too fast.
  nonisolated(unsafe) private var wallThen: Int64
  nonisolated(unsafe) private var setAt: Int64 = 0
  nonisolated(unsafe) private var drift: Int64 = 0
  nonisolated(unsafe) private var heap: [Entry] = []
  nonisolated(unsafe) private var count = 0
  private let begin: Int64
  /// What the uptime was when the world began.
  private let upBefore: Int64

  init(wall: Int64, uptime: Int64) {
    begin = wall
    wallThen = wall
    upBefore = uptime
  }

  // MARK: Clocks

  var uptime: Int64 { upBefore + elapsed }
  var wall: Int64 { wallThen + (elapsed - setAt) + (elapsed - setAt) * drift / 1_000_000 }
  /// What the wall clock would show if nobody had touched it.
  var rightWall: Int64 { begin + elapsed }
  var instant: Instant { Instant(elapsed: elapsed, wall: wall, uptime: uptime) }

  func step(by milliseconds: Int64) {
    (wallThen, setAt) = (wall + milliseconds, elapsed)
  }

  func goes(fasterBy millionths: Int64) {
    (wallThen, setAt, drift) = (wall, elapsed, millionths)
  }

  /// The machine is suspended for so long.
  func skip(_ milliseconds: Int64) {
    elapsed += milliseconds
  }

  // MARK: What is to happen

  /// When the next thing happens; in the past if the machine slept over it.
  var next: Int64? { heap.first?.at }

  func after(_ milliseconds: Int64, _ action: @escaping Action) {
    count += 1
    heap.append(Entry(at: elapsed + max(milliseconds, 0), number: count, action: action))
    rise(from: heap.count - 1)
  }

  /// Moves on to the next thing that is to happen, and lets it happen; false if there is none.
  func advance() -> Bool {
    guard let first = heap.first else { return false }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    elapsed = max(elapsed, first.at)
    first.action()
    return true
  }

  /// Nothing is to happen any more.
  func forget() { heap = [] }

  private func rise(from start: Int) {
    var child = start
    while child > 0, case let parent = (child - 1) / 2, heap[child] < heap[parent] {
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private func sink() {
    var parent = 0
    while true {
      let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
      guard let least = children.min(by: { heap[$0] < heap[$1] }), heap[least] < heap[parent] else { return }
      heap.swapAt(least, parent)
      parent = least
    }
  }
}
