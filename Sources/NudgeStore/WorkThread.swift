import Dispatch
import Foundation
import Synchronization

/// A thread that does one piece of work after another, and ends with the last who has it.
///
/// One that waits is at work sooner than a dispatch queue has found a thread.
final class WorkThread: Sendable {
  private let line = Line()

  init(named name: String) {
    let thread = Thread { [line] in
      while let work = line.next() { work() }
    }
    thread.name = name
    thread.start()
  }

  deinit {
    line.add(nil)
  }

  func run(_ work: @escaping Workplace.Work) { line.add(work) }

  /// What is to be done, in its order; nil is the end.
  private final class Line: Sendable {
    private let works = Mutex<[Workplace.Work?]>([])
    private let count = DispatchSemaphore(value: 0)

    func add(_ work: Workplace.Work?) {
      works.withLock { $0.append(work) }
      count.signal()
    }

    func next() -> Workplace.Work? {
      count.wait()
      return works.withLock { $0.removeFirst() }
    }
  }
}
