import Foundation
import Synchronization

/// Runs all tasks of a world on the thread that asks it to, one job at a time, in an order that the seed chooses.
///
/// A task started with this preference, its children, and whatever they await stay here: on the ways that a world goes,
/// nothing of nudged starts a task of another kind.
final class Executor: TaskExecutor {
  private let ready = Mutex<[UnownedJob]>([])
  private let thread = pthread_self()
  private let dice: Dice

  init(_ dice: Dice) {
    self.dice = dice
  }

  func enqueue(_ job: consuming ExecutorJob) {
    precondition(pthread_equal(thread, pthread_self()) != 0, "a job of a world came from another thread")
    let job = UnownedJob(job)
    ready.withLock { $0.append(job) }
  }

  var isIdle: Bool { ready.withLock { $0.isEmpty } }

  /// Runs one of the jobs that are ready; false if none is.
  func runOne() -> Bool {
    let job = ready.withLock { jobs -> UnownedJob? in
      guard !jobs.isEmpty else { return nil }
      return jobs.remove(at: jobs.count == 1 ? 0 : dice.below(jobs.count))
    }
    guard let job else { return false }
    job.runSynchronously(on: asUnownedTaskExecutor())
    return true
  }

  /// Starts a task; it runs when the world goes on.
  @discardableResult
  func start(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
    Task(executorPreference: self) { await body() }
  }
}
