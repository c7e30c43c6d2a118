import Foundation
import Logging
import NudgeAPI
import NudgeDaemon
import NudgeMail
import NudgeStore
import SimulationModel

/// A place where a process can die: before or after something becomes visible outside.
enum Boundary: Sendable {
  case beforeCommit, afterCommit
  case beforeHandOver, afterLeaving, afterTaking
  case beforeAnswer, afterAnswer

  fileprivate var happening: Happening {
    switch self {
    case .beforeCommit: .crashBeforeCommit
    case .afterCommit: .crashAfterCommit
    case .beforeHandOver: .crashBeforeHandOver
    case .afterLeaving: .crashAfterLeaving
    case .afterTaking: .crashAfterTaking
    case .beforeAnswer: .crashBeforeAnswer
    case .afterAnswer: .crashAfterAnswer
    }
  }
}

/// One run of nudged, from its start to its end: the real parts, wired as the program wires them, on one thread.
final class Life: Sendable {
  private let world: World
  let clock: LifeClock
  let store: Store
  let dispatcher: Dispatcher
  let engine: Engine
  let door: Door
  private let peek: Peek
  /// The task of the dispatcher; set once, at the start.
  nonisolated(unsafe) private var running: Task<Void, Never>?
  nonisolated(unsafe) private(set) var isAlive = true
  nonisolated(unsafe) private(set) var isStopping = false
  nonisolated(unsafe) private var isRunOver = false
  nonisolated(unsafe) private var isClosing = false
  nonisolated(unsafe) private(set) var isClosed = false
  /// Requests that are being answered.
  nonisolated(unsafe) var requests = 0
  /// What the writer is to do and has not begun.
  nonisolated(unsafe) private var writes: [Workplace.Work] = []
  /// The latest row of the ledger that the journal has.
  nonisolated(unsafe) private var lastClaim: Int64 = 0

  /// - Throws: why it could not start.
  init(in world: World, shops: Shops, desk: MailDesk) throws {
    self.world = world
    let clock = LifeClock(world.time, world.dice)
    let desk = desk
    let wires = Wires()
    let (disk, faults) = (world.disk, world.faults)
    let store = try disk.with(faults.atStart()) {
      try Store(
        path: disk.path, now: clock.now(),
        workplace: Workplace(write: { wires.life?.write($0) ?? $0() }, read: { wires.life?.read($0) ?? $0() }))
    }.0
    self.clock = clock
    self.store = store
    peek = try Peek(disk.path)
    let jitter = world.dice
    dispatcher = Dispatcher(
      store: store, desk: desk, sender: world.sender(wires, clock), clock: clock, alarm: Alarm(),
      logger: world.logger, jitter: { jitter.share() })
    var surroundings = Engine.Surroundings(dispatcher, clock: clock) { .init(findings: []) }
    world.sabotage?.spoil(&surroundings)
    engine = Engine(
      store: store, surroundings: surroundings, version: "1.2.3", startedAt: clock.now(), logger: world.logger)
    door = Door(to: engine)
    lastClaim = peek.number("SELECT max(id) FROM attempt")
    wires.life = self
  }

  /// What needs a life before there is one.
  final class Wires: Sendable {
    nonisolated(unsafe) weak var life: Life?

    init(_ life: Life? = nil) { self.life = life }
  }

  /// Begins to work.
  func begin() {
    store.onFailure { [weak self] _ in self?.fail() }
    let dispatcher = dispatcher
    running = world.executor.start { [weak self] in
      do { try await dispatcher.run() } catch { self?.fail() }
      self?.isRunOver = true
    }
  }

  // MARK: The end

  /// Lets the process die here if the faults want it to.
  func passes(_ boundary: Boundary) {
    guard isAlive, world.faults.kills(at: boundary) else { return }
    world.journal.count(boundary.happening)
    die()
  }

  /// From here on nothing of it has an effect.
  func die() {
    guard isAlive, !isClosed else { return }
    isAlive = false
    world.disk.cut()
    world.journal.count(.crashes)
    world.journal.saw(.crashed)
    world.died(self)
  }

  /// The store has failed it: the program ends by itself soon.
  private func fail() {
    guard isAlive else { return }
    world.journal.count(.storeFailures)
    world.time.after(world.dice.number(0...200)) { [weak self] in self?.die() }
  }

  /// As the service manager asks for it.
  func stop() {
    guard isAlive, !isStopping else { return }
    isStopping = true
    world.journal.saw(.stopping)
    engine.beginDraining()
    dispatcher.stop()
    world.time.after(Daemon.drainMilliseconds) { [weak self] in self?.die() }
  }

  /// Lets the file go once all has come to its end.
  func closeIfOver() {
    guard isStopping, isAlive, isRunOver, requests == 0, writes.isEmpty, !isClosing else { return }
    isClosing = true
    world.executor.start { [self] in
      await store.close()
      guard isAlive else { return }
      isClosed = true
      peek.close()
    }
  }

  /// Ends what is left of a dead one; returns when none of its tasks runs any more.
  func bury() {
    clock.stop()
    running?.cancel()
    let closing = Flag()
    let peek = peek
    peek.close()
    world.executor.start { [store] in
      await store.close()
      closing.isSet = true
    }
    while !(closing.isSet && isRunOver && requests == 0) {
      if world.executor.runOne() { continue }
      guard !writes.isEmpty else {
        world.journal.complain("a dead life does not end: \(requests) requests, run over: \(isRunOver)")
        break
      }
      writes.removeFirst()()
    }
    for write in writes { write() }
    writes = []
    while world.executor.runOne() {}
    world.disk.restore()
    isClosed = true
  }

  final class Flag: Sendable {
    nonisolated(unsafe) var isSet = false
  }

  // MARK: The store's work

  var isWriting: Bool { !writes.isEmpty }

  private func write(_ work: @escaping Workplace.Work) {
    writes.append(work)
    world.time.after(world.faults.commitTime) { [weak self] in self?.writeNext() }
  }

  private func writeNext() {
    guard isAlive, !writes.isEmpty else { return }
    passes(.beforeCommit)
    guard isAlive else { return }
    let work = writes.removeFirst()
    let fault = world.faults.atCommit()
    let (_, hasFailed) = world.disk.with(fault) { work() }
    if let fault, hasFailed {
      world.journal.count(fault.happening)
      world.journal.saw(.diskFailed)
    }
    noteClaims()
    passes(.afterCommit)
  }

  private func read(_ work: @escaping Workplace.Work) {
    guard isAlive else { return work() }
    if world.disk.with(world.faults.atRead(), work).hasFailed { world.journal.saw(.diskFailed) }
  }

  private func noteClaims() {
    guard !isClosing else { return }
    let sql = "SELECT id, message, started_at, settled_at, outcome FROM attempt WHERE id > ? ORDER BY id"
    for row in peek.all(sql, lastClaim, read: AttemptRow.init) {
      world.journal.saw(.claimed(row))
      lastClaim += 1
      if let checkout = checkout(of: row.message) { world.letterIsOnItsWay(of: checkout) }
    }
  }

  /// The checkout that a message reminds of.
  private func checkout(of message: String) -> String? {
    let sql =
      "SELECT c.checkout_id FROM message m JOIN checkout c ON c.id = m.checkout WHERE m.id = ? AND m.step NOT NULL"
    return Int64(message.dropFirst(2)).flatMap { peek.all(sql, $0) { $0.text(0) }.first } ?? nil
  }

  /// Whether the ledger has that row, still open.
  func ledgerHas(_ attempt: String) -> Bool {
    guard let id = Int64(attempt.dropFirst(2)) else { return false }
    return peek.number("SELECT count(*) FROM attempt WHERE id = ? AND settled_at IS NULL", id) == 1
  }

  func look<T>(_ body: (Peek) -> T) -> T { body(peek) }

  // MARK: Waiting

  /// Passes time on behalf of the world around it.
  func wait(_ milliseconds: Int64) async throws { try await clock.pass(.milliseconds(milliseconds)) }

  func start(_ body: @escaping @Sendable () async -> Void) {
    requests += 1
    world.executor.start { [self] in
      await body()
      requests -= 1
    }
  }
}

extension AttemptRow {
  init(_ row: Peek.Row) {
    self.init(
      id: "a-\(row.integer(0))", message: "m-\(row.integer(1))", startedAt: row.integer(2), settledAt: row.number(3),
      outcome: row.text(4))
  }
}

extension Daemon {
  fileprivate static let drainMilliseconds: Int64 = 75_000
}
