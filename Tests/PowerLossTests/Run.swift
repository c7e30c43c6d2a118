import GRDBSQLite
import NudgeDomain

@testable import NudgeStore

/// A real store on a watched disk, asked by dice, and the journal of what it acknowledged.
final class Run {
  /// What is wrong with the store on purpose, to see that it is noticed.
  enum Sabotage: Sendable, Hashable {
    case synchronous(String)
    case ledgerApart
  }

  struct Answered: Sendable {
    var verb: Verb
    var result: Result<Verb.Answer, StoreError>
    var position: Int
  }

  /// The log goes into the database every few groups.
  static let copying = WriteAheadLog.Limits(checkpointPages: 60, truncatePages: 150)
  /// And is cut each time.
  static let cutting = WriteAheadLog.Limits(checkpointPages: 50, truncatePages: 50)

  let disk: Disk
  var journal: Journal
  private(set) var store: Store
  private let sabotage: Sabotage?
  /// Whether the states of the whole database are noted.
  private let looks: Bool
  private let witness: Witness
  private let bench = Bench()
  private var script: Script
  private var now = Moment(milliseconds: 1_700_000_000_000)
  private let policies = Policies(
    standard: ShopPolicy(orderMessage: .always),
    retry: RetryPolicy(attempts: 2, first: .seconds(30), longest: .seconds(3_600)))

  /// - Parameter journal: what was acknowledged before, by a store that is gone.
  init(
    disk: Disk, seed: UInt64, sabotage: Sabotage? = nil, looks: Bool = true, journal: Journal = Journal(),
    limits: WriteAheadLog.Limits = copying
  ) async throws {
    self.disk = disk
    self.journal = journal
    self.sabotage = sabotage
    self.looks = looks
    script = Script(dice: Dice(seed: seed))
    witness = Witness(disk: disk)
    store = try Store(path: disk.path, checkpoints: limits, workplace: bench.workplace)
    try await begin()
  }

  private func begin() async throws {
    if case .synchronous(let level) = sabotage { try await setSynchronous(level) }
    try look(from: disk.position)
  }

  /// Asks for so many groups.
  func go(groups: Int) async throws {
    for _ in 0..<groups {
      if sabotage == .ledgerApart, script.dice.onceIn(4) {
        try await claimInTwo()
      } else {
        _ = try await group(script.next(now: now))
      }
      pass()
    }
  }

  /// Lets the store go and opens it again, with a log that is cut.
  func restart() async throws {
    await close()
    store = try Store(path: disk.path, checkpoints: Self.cutting, workplace: bench.workplace)
    try await begin()
  }

  func close() async {
    let store = store
    let closing = Task(executorPreference: witness) { await store.close() }
    await witness.untilAllWait()
    await bench.work()
    await closing.value
  }

  func pass() {
    now = now.advanced(by: .seconds(script.dice.onceIn(5) ? script.dice.below(90_000) : script.dice.below(1_200)))
  }

  /// The verbs of the next group.
  func next() -> [Verb] { script.next(now: now) }
}

// MARK: - Groups

extension Run {
  /// Asks for all of them at once, so that they are one group, and notes what is answered.
  @discardableResult
  func group(_ verbs: [Verb]) async throws -> [Answered] {
    if verbs.contains(where: \.isPause) { journal.endPause(at: disk.position) }
    let answers = await ask(verbs)
    for answer in answers {
      guard case .success(let value) = answer.result else { continue }
      journal.note(value.facts, from: answer.position)
      script.hear(value)
    }
    if let last = answers.map(\.position).min() { try look(from: last) }
    return answers
  }

  private func ask(_ verbs: [Verb]) async -> [Answered] {
    let (store, witness, policies, now) = (store, witness, policies, now)
    let tasks = verbs.map { verb in
      Task(executorPreference: witness) { () async -> Answered in
        do throws(StoreError) {
          let answer = try await verb.ask(store, policies: policies, now: now)
          return Answered(verb: verb, result: .success(answer), position: witness.position)
        } catch {
          return Answered(verb: verb, result: .failure(error), position: witness.position)
        }
      }
    }
    await witness.untilAllWait()
    await bench.work()
    var answers: [Answered] = []
    for task in tasks { answers.append(await task.value) }
    return answers
  }

  /// Notes the state of the whole database.
  private func look(from position: Int) throws {
    guard looks else { return }
    let eye = try Eye(path: disk.path, access: .look)
    defer { eye.close() }
    journal.note(state: try eye.digest(), from: position)
  }

  private func claimInTwo() async throws {
    let taken = try await group([.takeWithoutLedger(limit: 4)])
    for answer in taken { try await group([.enterIntoLedger(try answer.result.get().taken)]) }
  }

  /// Between groups nobody uses the writer's connection.
  private func setSynchronous(_ level: String) async throws {
    let store = store
    let asking = Task(executorPreference: witness) { () async throws(StoreError) -> UInt in
      try await store.writer.perform { (session) throws(StoreError) in UInt(bitPattern: session.connection) }
    }
    await witness.untilAllWait()
    await bench.work()
    guard let connection = OpaquePointer(bitPattern: try await asking.value),
      sqlite3_exec(connection, "PRAGMA synchronous = \(level)", nil, nil, nil) == SQLITE_OK
    else { throw Fault("synchronous was not changed") }
  }
}
