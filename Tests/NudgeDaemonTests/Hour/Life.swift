import Foundation
import Logging
import NudgeAPI
import NudgeDomain
import NudgeMail
import Synchronization

@testable import NudgeDaemon
@testable import NudgeStore

/// One run of nudged, from its start to its stop or its crash: the real parts, wired as the program wires them.
final class Life: Sendable {
  let store: Store
  let dispatcher: Dispatcher
  let shop: RawConnection
  /// How many lines the dispatcher has logged.
  let log: HeardLog
  private let server: ControlServer
  private let running: Task<Void, any Error>
  private let serving: Task<Void, any Error>

  /// - Parameters:
  ///   - folder: where the database is, or comes to be.
  ///   - jitter: random numbers from 0 to 1.
  init(
    in folder: URL, configuration: Configuration, sender: any Sender, clock: VirtualClock, bell: Bell,
    jitter: @escaping @Sendable () -> Double
  ) throws {
    let log = HeardLog(bell: bell)
    let logger = Logger(label: "hour") { _ in log }
    let store = try Store(path: folder.appending(path: "nudged.db").path, now: clock.now())
    let dispatcher = Dispatcher(
      store: store, desk: try MailDesk(configuration: configuration), sender: sender, clock: clock, alarm: Alarm(),
      logger: logger, jitter: jitter)
    let path = folder.appending(path: "s").path
    let server = ControlServer(
      socket: try ControlSocket.listening(at: path), engine: Self.engine(store, dispatcher, clock), logger: .silent)
    self.store = store
    self.dispatcher = dispatcher
    self.server = server
    self.log = log
    shop = try RawConnection(to: path)
    serving = Task { try await server.run() }
    running = Task { try await dispatcher.run() }
  }

  private static func engine(_ store: Store, _ dispatcher: Dispatcher, _ clock: VirtualClock) -> Engine {
    Engine(
      store: store,
      surroundings: .init(
        now: { clock.now() }, policies: { dispatcher.desk.configuration.policies },
        ring: { dispatcher.alarm.ring($0) }, recall: { await dispatcher.recall($0) },
        sender: { dispatcher.report },
        preview: { (request, now) async throws(Problem) in try dispatcher.desk.preview(request, now: now) },
        mail: { (content, id) throws(Problem) in try dispatcher.desk.show(content, message: id) },
        testSend: { (request, now) async throws(Problem) in try await dispatcher.testSend(request, now: now) },
        check: { CheckReply(findings: []) }),
      version: "1.2.3", startedAt: clock.now(), logger: .silent)
  }

  /// Nothing is settled any more: what is being handed over stays in the middle.
  func crash() async {
    await store.close()
    running.cancel()
    serving.cancel()
    _ = await running.result
    _ = await serving.result
  }

  /// As the service manager asks for it.
  func stop() async throws {
    server.drain()
    dispatcher.stop()
    try await running.value
    serving.cancel()
    _ = await serving.result
    await store.close()
  }
}

/// Hears what the dispatcher logs, and rings. Its last word on a message comes after all that it does for it.
final class HeardLog: LogHandler {
  private let bell: Bell
  private let count = Mutex(0)

  init(bell: Bell) { self.bell = bell }

  var lines: Int { count.withLock { $0 } }

  var logLevel: Logger.Level {
    get { .info }
    set {}
  }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  subscript(metadataKey _: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  func log(event _: LogEvent) {
    count.withLock { $0 += 1 }
    bell.ring()
  }
}
