import NudgeDomain
import NudgeStore
import Synchronization

/// What `/events` has read and not yet recorded: while one batch is being written, the next one gathers. One task puts,
/// one takes.
final class EventQueue: Sendable {
  struct Entry: Sendable {
    /// Of the stream, from 1.
    var line: Int
    var event: ShopEvent
    /// As it came, for the bound on memory.
    var bytes: Int
  }

  /// Events that are recorded in one go. With half of it a stream is a tenth slower, because fewer of them share a page of
  /// an index; the events of others wait for it.
  static let batchSize = 1_024
  /// More is not read until some of it is recorded.
  static let capacity = 2 * batchSize
  static let capacityBytes = 1 << 20

  private struct State {
    var entries: [Entry] = []
    var bytes = 0
    var isFinished = false
    /// The taker is gone.
    var isClosed = false
    var putter: CheckedContinuation<Void, Never>?
    var taker: CheckedContinuation<Void, Never>?

    var isFull: Bool { entries.count >= capacity || bytes >= capacityBytes }

    /// Mostly that is all there is: then it changes hands as it is.
    mutating func takeBatch() -> [Entry] {
      var batch: [Entry] = []
      if entries.count <= batchSize {
        swap(&batch, &entries)
      } else {
        batch = Array(entries.prefix(batchSize))
        entries.removeFirst(batchSize)
      }
      bytes -= batch.reduce(0) { $0 + $1.bytes }
      return batch
    }
  }

  private let state = Mutex(State())

  /// Waits while the queue is full.
  ///
  /// - Returns: false if nobody takes any more.
  func put(_ entries: [Entry]) async -> Bool {
    await withCheckedContinuation { continuation in
      let (taker, isFree) = state.withLock { state in
        state.entries.append(contentsOf: entries)
        state.bytes += entries.reduce(0) { $0 + $1.bytes }
        let isFree = !state.isFull || state.isClosed
        if !isFree { state.putter = continuation }
        return (state.taker.take(), isFree)
      }
      taker?.resume()
      if isFree { continuation.resume() }
    }
    return state.withLock { !$0.isClosed }
  }

  /// No more will be put.
  func finish() {
    let taker = state.withLock { state in
      state.isFinished = true
      return state.taker.take()
    }
    taker?.resume()
  }

  /// No more will be taken.
  func close() {
    let putter = state.withLock { state in
      state.isClosed = true
      return state.putter.take()
    }
    putter?.resume()
  }

  /// All that waits, a batch at most; waits for something. Nil at the end.
  func take() async -> [Entry]? {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        let isReady = !state.entries.isEmpty || state.isFinished
        if !isReady { state.taker = continuation }
        return isReady
      }
      if isReady { continuation.resume() }
    }
    let (batch, putter) = state.withLock { state in
      let batch = state.takeBatch()
      return (batch, state.isFull ? nil : state.putter.take())
    }
    putter?.resume()
    return batch.isEmpty ? nil : batch
  }
}
