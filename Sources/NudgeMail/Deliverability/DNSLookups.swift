import Dispatch
import NIOPosix
import Synchronization

/// The questions of one check: each is asked once, a few at a time, and all of them end together when the time is over.
package final class DNSLookups: Sendable {
  /// How long all questions of a check may take.
  package static let patience = Duration.seconds(10)
  /// Questions at a time, of all checks: the C library's resolver holds a thread for each.
  private static let threads = 8

  private static let pool: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: threads)
    pool.start()
    return pool
  }()

  private let server: DNSServer?
  private let deadline: DispatchTime
  private let tasks = Mutex<[DNSQuestion: Task<DNSAnswer, Never>]>([:])

  /// - Parameter server: nil for those of the system.
  package init(server: DNSServer? = nil, patience: Duration = patience) {
    self.server = server
    deadline = .now() + .milliseconds(Int(patience / .milliseconds(1)))
  }

  package func answer(_ name: String, _ kind: DNSQuestion.Kind) async -> DNSAnswer {
    let question = DNSQuestion(name.lowercased(), kind)
    let task = tasks.withLock { tasks in
      if let task = tasks[question] { return task }
      let task = Task { await self.ask(question) }
      tasks[question] = task
      return task
    }
    return await task.value
  }

  /// The library cannot be interrupted: a question that takes too long is left to end by itself, unheard.
  private func ask(_ question: DNSQuestion) async -> DNSAnswer {
    let server = server
    return await withCheckedContinuation { continuation in
      let listener = Listener(continuation)
      Self.pool.submit { _ in
        guard listener.isWaiting else { return }
        listener.hear(SystemResolver.ask(question, server: server))
      }
      DispatchQueue.global().asyncAfter(deadline: deadline) { listener.hear(.unknown("no answer came in time")) }
    }
  }
}

/// Waits for whichever answer comes first.
private final class Listener: Sendable {
  private let continuation: Mutex<CheckedContinuation<DNSAnswer, Never>?>

  init(_ continuation: CheckedContinuation<DNSAnswer, Never>) {
    self.continuation = Mutex(continuation)
  }

  var isWaiting: Bool { continuation.withLock { $0 != nil } }

  func hear(_ answer: DNSAnswer) {
    let waiting = continuation.withLock { continuation in
      defer { continuation = nil }
      return continuation
    }
    waiting?.resume(returning: answer)
  }
}
