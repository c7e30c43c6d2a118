/// A verb in the queue.
struct Job: Sendable {
  /// What a verb came to; the answer is given after the commit.
  struct Ran: Sendable {
    var failure: StoreError?
    var answer: @Sendable () -> Void
  }

  let run: @Sendable (Session) -> Ran
  let fail: @Sendable (StoreError) -> Void

  init<T: Sendable>(
    _ verb: @escaping @Sendable (Session) throws(StoreError) -> T,
    answer: @escaping @Sendable (Result<T, StoreError>) -> Void
  ) {
    run = { session in
      do throws(StoreError) {
        let value = try verb(session)
        return Ran(failure: nil) { answer(.success(value)) }
      } catch {
        return Ran(failure: error) { answer(.failure(error)) }
      }
    }
    fail = { answer(.failure($0)) }
  }
}

/// The verbs that share one transaction.
enum Group {
  enum Outcome: Sendable {
    /// On disk: now the answers may be given.
    case committed(answers: [@Sendable () -> Void])
    /// Nothing was written; after `unavailable` nobody knows.
    case failed(StoreError)
  }

  /// Runs the verbs plainly. Only if one of them fails halfway, all is undone and run again with each of them apart,
  /// because a savepoint for each verb would cost every group a third of its speed.
  static func run(_ jobs: ArraySlice<Job>, on session: Session) -> Outcome {
    do throws(StoreError) {
      if let answers = try runPlainly(jobs, on: session) { return .committed(answers: answers) }
      return .committed(answers: try runApart(jobs, on: session))
    } catch {
      return .failed(undo(on: session, after: error))
    }
  }

  /// Nil if a verb failed after it had written something.
  private static func runPlainly(
    _ jobs: ArraySlice<Job>, on session: Session
  ) throws(StoreError) -> [@Sendable () -> Void]? {
    try session.begin()
    var answers: [@Sendable () -> Void] = []
    answers.reserveCapacity(jobs.count)
    for job in jobs {
      let writtenBefore = session.writtenRows
      let ran = job.run(session)
      if let failure = ran.failure {
        if failure.concernsAll { throw failure }
        if session.writtenRows != writtenBefore || !session.isInTransaction {
          try session.rollback()
          return nil
        }
      }
      answers.append(ran.answer)
    }
    try session.commit()
    return answers
  }

  private static func runApart(
    _ jobs: ArraySlice<Job>, on session: Session
  ) throws(StoreError) -> [@Sendable () -> Void] {
    session.runsApart = true
    defer { session.runsApart = false }
    try session.begin()
    var answers: [@Sendable () -> Void] = []
    for job in jobs {
      var answer: (@Sendable () -> Void)?
      do {
        try session.apart { () throws(StoreError) in
          let ran = job.run(session)
          answer = ran.answer
          if let failure = ran.failure { throw failure }
        }
      } catch {
        if error.concernsAll { throw error }
      }
      if let answer { answers.append(answer) }
    }
    try session.commit()
    return answers
  }

  /// The error to answer with once all is undone: if even that fails, nobody knows what is on disk.
  private static func undo(on session: Session, after error: StoreError) -> StoreError {
    do throws(StoreError) {
      try session.rollback()
      return error
    } catch let second {
      return .unavailable("\(error), and then: \(second)")
    }
  }
}
