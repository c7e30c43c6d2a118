import GRDB
import NudgeDomain
import Synchronization

/// The one connection that writes, and the queue of verbs in front of it.
///
/// All verbs that queue up while a commit is on its way to the disk become the next group: they run in one transaction,
/// are committed once, and answered after that. Nothing waits for a timer.
final class Writer: Sendable {
  /// How many verbs one transaction may hold: bounds the time that the first of them waits for the last.
  static let largestGroup = 512

  private struct State {
    var jobs: [Job] = []
    var isRunning = false
    /// Why there are no more verbs: the store was closed, or failed for good.
    var end: StoreError?
    var failure: StoreError?
    var reports: [@Sendable (StoreError) -> Void] = []
    var news: [@Sendable (StoreNews) -> Void] = []
    /// From the first hindrance on, each group that is written is news.
    var wasHindered = false
  }

  private let database: DatabaseQueue
  /// Runs what it is given in its order, a piece at a time.
  private let workplace: @Sendable (@escaping Workplace.Work) -> Void
  /// Nil once closed. It is asked for on the database's queue only, so nobody waits for this lock.
  private let session: Mutex<Session?>
  private let state = Mutex(State())
  /// How many groups were committed.
  let groups = Atomic<Int>(0)

  init(path: String, checkpoints: WriteAheadLog.Limits, workplace: Workplace? = nil) throws(StoreError) {
    self.workplace = workplace?.write ?? WorkThread(named: "nudged.writer").run
    database = try Opening.writer(path: path)
    session = Mutex(nil)
    do {
      try database.writeWithoutTransaction { database in
        let address = UInt(bitPattern: database.sqliteConnection)
        try session.withLock { session in
          guard let connection = OpaquePointer(bitPattern: address) else { throw StoreError.cannotOpen(path) }
          session = try Session(connection, checkpoints: checkpoints)
        }
      }
    } catch {
      throw Opening.whyNot(error)
    }
  }

  var failure: StoreError? { state.withLock { $0.failure } }
  /// How many verbs wait for the next group.
  var queued: Int { state.withLock { $0.jobs.count } }

  func onFailure(_ report: @escaping @Sendable (StoreError) -> Void) {
    let failure = state.withLock { state in
      state.reports.append(report)
      return state.failure
    }
    if let failure { report(failure) }
  }

  func onNews(_ report: @escaping @Sendable (StoreNews) -> Void) {
    state.withLock { $0.news.append(report) }
  }

  /// Runs a verb with the next group; returns when what it wrote is on disk.
  func perform<T: Sendable>(
    _ verb: @escaping @Sendable (Session) throws(StoreError) -> T
  ) async throws(StoreError) -> T {
    let result: Result<T, StoreError> = await withCheckedContinuation { continuation in
      submit(Job(verb) { continuation.resume(returning: $0) })
    }
    return try result.get()
  }

  /// Runs what is queued, then lets the file go. Verbs that come later fail.
  func close() async {
    state.withLock { $0.end = $0.end ?? .failed("the store is closed") }
    await withCheckedContinuation { continuation in
      run {
        self.runQueued()
        self.session.withLock { $0 = nil }
        continuation.resume()
      }
    }
    try? database.close()  // whatever it says, nothing more can be done about it
  }
}

// MARK: - The queue

extension Writer {
  /// Queues a verb for the next group.
  func submit(_ job: Job) {
    enum Next { case nothing, wake, refuse(StoreError) }
    let next: Next = state.withLock { state in
      if let end = state.end { return .refuse(end) }
      state.jobs.append(job)
      if state.isRunning { return .nothing }
      state.isRunning = true
      return .wake
    }
    switch next {
    case .nothing: return
    case .wake: run { self.runQueued() }
    case .refuse(let error): job.fail(error)
    }
  }

  /// Runs `work` alone with the connection, and does not wait for it.
  private func run(_ work: @escaping Workplace.Work) {
    workplace { self.database.writeWithoutTransaction { _ in work() } }
  }

  /// The next group; nil once nothing is queued.
  private func nextGroup() -> ArraySlice<Job>? {
    state.withLock { state in
      guard !state.jobs.isEmpty else {
        state.isRunning = false
        return nil
      }
      let group = state.jobs.prefix(Self.largestGroup)
      state.jobs.removeFirst(group.count)
      return group
    }
  }

  private func runQueued() {
    while let group = nextGroup() {
      let outcome = session.withLock { session -> Group.Outcome in
        guard let session else { return .failed(.failed("the store is closed")) }
        return Group.run(group, on: session)
      }
      switch outcome {
      case .committed(let answers):
        groups.add(1, ordering: .relaxed)
        for answer in answers { answer() }
        tell(.written)
        checkpoint()
      case .failed(let error):
        if case .unavailable = error { stop(error) }
        if error == .full || error == .busy { tell(.hindered(error)) }
        for job in group { job.fail(error) }
      }
    }
  }

  private func tell(_ news: StoreNews) {
    let reports = state.withLock { state -> [@Sendable (StoreNews) -> Void] in
      if case .hindered = news { state.wasHindered = true }
      return news != .written || state.wasHindered ? state.news : []
    }
    for report in reports { report(news) }
  }

  private func checkpoint() {
    let result = session.withLock { session -> Result<StoreNews?, StoreError> in
      do throws(StoreError) {
        return .success(try session?.log.checkpointIfLong())
      } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let news): if let news { tell(news) }
    case .failure(let error): if case .unavailable = error { stop(error) }
    }
  }

  /// Whether what was written last is on disk is unknown, so nothing is acknowledged from here on.
  private func stop(_ error: StoreError) {
    let (jobs, reports) = state.withLock { state -> ([Job], [@Sendable (StoreError) -> Void]) in
      guard state.failure == nil else { return ([], []) }
      state.failure = error
      state.end = error
      defer { state.jobs = [] }
      return (state.jobs, state.reports)
    }
    for job in jobs { job.fail(error) }
    for report in reports { report(error) }
  }
}
