import Dispatch
import Glibc
import Logging
package import NudgeAPI
import NudgeDomain
import NudgeStore

/// What has come to its end.
private enum Ending: Sendable {
  case dispatcher(failure: String?)
  case server(failure: String?)
  case asked
  case store(StoreError)
  /// The time to end in has passed.
  case limit
  /// Broken off, with nothing to say.
  case nothing

  var isWork: Bool {
    switch self {
    case .dispatcher, .server: true
    case .asked, .store, .limit, .nothing: false
    }
  }
}

extension Daemon {
  /// Serves until it is told to stop or something fails, and everything that runs has ended. Returns the exit code.
  func serve(_ socket: ControlSocket, _ signals: Signals) async -> Int32 {
    let engine = makeEngine()
    let limits = ControlLimits.standard(descriptors: Self.descriptorLimit)
    let server = ControlServer(socket: socket, engine: engine, limits: limits, logger: logger)
    return await withTaskGroup(of: Ending.self) { group in
      start(server, signals, in: &group)
      tellReady(at: socket.path)
      tellManager(engine, in: &group)
      let first = await group.next() ?? .nothing
      var code = exitCode(of: first)
      drain(server, code: code, in: &group)
      var running = first.isWork ? 1 : 2
      while running > 0, let ending = await group.next() {
        if ending.isWork { running -= 1 }
        code = max(code, exitCode(of: ending))
        if case .limit = ending { breakOff(code: code, &group) }
      }
      group.cancelAll()
      if code == ProgramExit.done { logger.notice("nudged has stopped") }
      return code
    }
  }

  private func start(_ server: ControlServer, _ signals: Signals, in group: inout TaskGroup<Ending>) {
    group.addTask {
      do { try await self.dispatcher.run() } catch { return .dispatcher(failure: "\(error)") }
      return .dispatcher(failure: nil)
    }
    group.addTask {
      do { try await server.run() } catch is CancellationError {} catch { return .server(failure: "\(error)") }
      return .server(failure: nil)
    }
    group.addTask {
      for await signal in signals.stream {
        guard signal == .hangUp else { return .asked }
        await self.reload()
      }
      return .nothing
    }
    let failures = AsyncStream<StoreError> { continuation in
      store.onFailure { continuation.yield($0) }
    }
    group.addTask {
      for await failure in failures { return .store(failure) }
      return .nothing
    }
    tellStoreNews()
  }

  /// What only a service manager wants to know, and what it can be left alone with.
  private func tellManager(_ engine: Engine, in group: inout TaskGroup<Ending>) {
    if surroundings.notifier.isHeard {
      group.addTask {
        await self.beat()
        return .nothing
      }
    }
    guard let idleLimit else { return }
    group.addTask {
      await self.untilIdle(for: idleLimit, engine) ? .asked : .nothing
    }
  }

  private func tellReady(at path: String) {
    surroundings.notifier.notify(.ready(status: readyStatus))
    let transport = dispatcher.desk.configuration.sender.transport.rawValue
    logger.notice(
      "nudged is ready",
      metadata: ["socket": "\(path)", "transport": "\(transport)", "version": "\(surroundings.version)"])
  }

  var readyStatus: String { "Takes events, sends by \(dispatcher.desk.configuration.sender.transport.rawValue)" }

  /// Takes nothing more, lets what runs come to its end; after a failure, breaks it off at once.
  private func drain(_ server: ControlServer, code: Int32, in group: inout TaskGroup<Ending>) {
    logger.notice("nudged stops", metadata: ["in_flight": "\(dispatcher.inFlight)"])
    surroundings.notifier.notify(.stopping(status: "Waits for \(dispatcher.inFlight) hand-overs"))
    server.drain()
    dispatcher.stop()
    guard code == ProgramExit.done else { return breakOff(code: code, &group) }
    group.addTask {
      do { try await self.surroundings.clock.pass(Self.drainLimit) } catch { return .nothing }
      return .limit
    }
  }

  /// What does not end by itself is cancelled; what does not end then goes with the process. The ledger has it all.
  private func breakOff(code: Int32, _ group: inout TaskGroup<Ending>) {
    logger.warning("What still runs is broken off", metadata: ["in_flight": "\(dispatcher.inFlight)"])
    group.cancelAll()
    let abandon = surroundings.abandon
    // On a queue of its own: the threads that others share may be what hangs.
    DispatchQueue(label: "nudged.limit").asyncAfter(deadline: .now() + Self.breakLimitSeconds) { abandon(code) }
  }

  private func exitCode(of ending: Ending) -> Int32 {
    switch ending {
    case .store(let failure):
      logger.critical("The store failed: nudged must start again", metadata: ["error": "\(failure)"])
      return ProgramExit.inputOutput
    case .dispatcher(let failure?):
      logger.critical("The dispatcher failed", metadata: ["error": "\(failure)"])
      return ProgramExit.inputOutput
    case .server(let failure?):
      logger.critical("The control server failed", metadata: ["error": "\(failure)"])
      return ProgramExit.unavailable
    case .dispatcher(nil), .server(nil), .asked, .limit, .nothing:
      return ProgramExit.done
    }
  }
}

extension Daemon {
  /// How many files this process may have open.
  private static var descriptorLimit: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    return Int(clamping: limit.rlim_cur)
  }

  private func makeEngine() -> Engine {
    Engine(
      store: store, surroundings: .init(dispatcher, clock: surroundings.clock) { await self.check() },
      version: surroundings.version, startedAt: dispatcher.clock.now(), logger: logger)
  }
}

extension Engine.Surroundings {
  /// What the routes know of a dispatcher.
  package init(
    _ dispatcher: Dispatcher, clock: any WallClock, check: @escaping @Sendable () async -> CheckReply
  ) {
    self.init(
      now: { dispatcher.clock.now() }, policies: { dispatcher.desk.configuration.policies },
      ring: { dispatcher.alarm.ring($0) }, recall: { await dispatcher.recall($0) },
      sender: { dispatcher.report },
      preview: { (request, now) async throws(Problem) in try dispatcher.desk.preview(request, now: now) },
      mail: { (content, id) throws(Problem) in try dispatcher.desk.show(content, message: id) },
      testSend: { (request, now) async throws(Problem) in try await dispatcher.testSend(request, now: now) },
      check: check)
    stir = { dispatcher.stir() }
    ahead = { dispatcher.clock.ahead }
    clockReport = { dispatcher.clockReport(shown: clock.now()) }
    acceptClock = { () throws(StoreError) in try await dispatcher.acceptClock() }
  }
}
