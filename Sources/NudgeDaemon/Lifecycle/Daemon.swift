package import Logging
import NudgeDomain
import NudgeMail
import NudgeStore
import Synchronization

/// All of nudged, put together: store, dispatcher, control server, reload, and the order in which they end.
package final class Daemon: Sendable {
  /// How long hand-overs and requests may take to end after nudged was told to stop. Senders give up before.
  static let drainLimit = Duration.seconds(75)
  /// How long what was then broken off may take.
  static let breakLimitSeconds = 5.0

  /// What the service manager tells this process, and none that it starts.
  package static let privateVariables =
    ControlSocket.activationVariables + Heartbeat.variables + [
      ServiceNotifier.variable
    ]

  /// What the program around it gives to the daemon.
  package struct Surroundings: Sendable {
    package var places: Places
    package var environment: [String: String]
    package var version: String
    package var clock: any WallClock
    package var logger: Logger
    package var notifier: ServiceNotifier
    /// Ends the process at once; for when something does not end by itself.
    package var abandon: @Sendable (Int32) -> Void

    package init(
      places: Places, environment: [String: String], version: String, clock: any WallClock, logger: Logger,
      notifier: ServiceNotifier, abandon: @escaping @Sendable (Int32) -> Void
    ) {
      self.places = places
      self.environment = environment
      self.version = version
      self.clock = clock
      self.logger = logger
      self.notifier = notifier
      self.abandon = abandon
    }
  }

  let surroundings: Surroundings
  let store: Store
  let dispatcher: Dispatcher
  let alarm = Alarm()
  /// How long there may be nothing to do until nudged ends by itself; nil if it stays.
  let idleLimit: Duration?
  /// It has ended by itself.
  let isIdle = Atomic(false)

  var logger: Logger { surroundings.logger }

  private init(_ surroundings: Surroundings, idleLimit: Duration?, store: Store, desk: MailDesk, sender: any Sender) {
    self.surroundings = surroundings
    self.idleLimit = idleLimit
    self.store = store
    dispatcher = Dispatcher(
      store: store, desk: desk, sender: sender, clock: surroundings.clock, alarm: alarm, logger: surroundings.logger,
      jitter: { Double.random(in: 0...1) })
  }

  private static func make(_ surroundings: Surroundings) async throws(StartFailure) -> Daemon {
    let idleLimit = try idleLimit(surroundings.environment)
    let (desk, sender) = try outfit(surroundings)
    let database = surroundings.places.database
    let failure: StoreError
    do throws(StoreError) {
      let store = try Store(path: database, now: surroundings.clock.now())
      return Daemon(surroundings, idleLimit: idleLimit, store: store, desk: desk, sender: sender)
    } catch {
      failure = error
    }
    await sender.shutdown()
    throw .store(database, failure)
  }

  /// What the configuration file asks for at this moment.
  static func outfit(_ surroundings: Surroundings) throws(StartFailure) -> (MailDesk, any Sender) {
    do throws(ConfigurationError) {
      let desk = try MailDesk(configuration: .load(surroundings.places))
      let clock = surroundings.clock
      let sender = try desk.configuration.sender.makeSender(
        surroundings.places, environment: surroundings.environment, now: { clock.now() })
      return (desk, sender)
    } catch {
      throw .configuration(error)
    }
  }

  /// Runs until a signal ends it, or the store fails.
  ///
  /// - Returns: the exit code.
  package static func run(_ surroundings: Surroundings, signals: Signals) async throws(StartFailure) -> Int32 {
    let state = try StateDirectory(surroundings.places)
    defer { withExtendedLifetime(state) {} }
    let daemon = try await make(surroundings)
    try await daemon.recallClock()
    let watch = daemon.watchClock()
    defer { watch?.end() }
    do throws(ControlSocketError) {
      let socket = try listen(surroundings)
      daemon.forgetWake()
      var code = await daemon.serve(socket, signals)
      if code == ProgramExit.done, daemon.isIdle.load(ordering: .relaxed) { code = await daemon.noteWake() }
      await daemon.store.close()
      return code
    } catch {
      await daemon.closeUnused()
      throw .socket(error)
    }
  }

  /// Lets go of what was opened, if nothing of it ran.
  private func closeUnused() async {
    await dispatcher.closeUnused()
    await store.close()
  }

  /// Nil if the kernel does not tell when the clock is set.
  private func watchClock() -> StepWatch? {
    let watch = StepWatch.begin { [dispatcher] isWatching in
      dispatcher.isToldOfSteps.store(isWatching, ordering: .relaxed)
      dispatcher.clockWasSet()
    }
    dispatcher.isToldOfSteps.store(watch != nil, ordering: .relaxed)
    if watch == nil { logger.notice("The kernel does not tell when the clock is set: it is looked at every minute") }
    return watch
  }

  /// Before any event is taken.
  private func recallClock() async throws(StartFailure) {
    let failure: StoreError
    do throws(StoreError) {
      return try await dispatcher.recallClock()
    } catch {
      failure = error
    }
    await closeUnused()
    throw .store(surroundings.places.database, failure)
  }

  private static func listen(_ surroundings: Surroundings) throws(ControlSocketError) -> ControlSocket {
    let places = surroundings.places
    if !places.isSocketNamed, let activated = try ControlSocket.activated(environment: surroundings.environment) {
      return activated
    }
    return try ControlSocket.listening(at: places.socket)
  }
}
