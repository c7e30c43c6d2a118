import Dispatch
import NudgeStore
import Synchronization

/// Runs the tasks that ask the store, one after the other, and knows how far the disk had come when each of them was
/// answered: the store answers on its own thread before it does anything else, and that is when a task comes here.
final class Witness: TaskExecutor {
  private let queue = DispatchQueue(label: "witness")
  private let disk: Disk
  private let seen = Mutex(0)

  init(disk: Disk) {
    self.disk = disk
  }

  /// How many operations were recorded when the running task was resumed.
  var position: Int { seen.withLock { $0 } }

  func enqueue(_ job: consuming ExecutorJob) {
    let position = disk.position
    let job = UnownedJob(job)
    queue.async { [self] in
      seen.withLock { $0 = position }
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }

  /// Returns when all tasks that were started before wait for somebody.
  func untilAllWait() async {
    await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
  }
}

/// Where the store works: nothing is begun before `work` says so, so that the verbs of a group are the same each time.
final class Bench: Sendable {
  private let waiting = Mutex<[Workplace.Work]>([])
  private let thread = DispatchQueue(label: "bench")

  var workplace: Workplace {
    Workplace(
      write: { work in self.waiting.withLock { $0.append(work) } },
      read: { work in DispatchQueue.global().async(execute: work) })
  }

  /// Does what there is to do.
  func work() async {
    while let work = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
      await withCheckedContinuation { continuation in
        thread.async {
          work()
          continuation.resume()
        }
      }
    }
  }
}
