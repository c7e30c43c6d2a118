import Foundation
import Logging
import NudgeAPI
import NudgeDomain
import NudgeStore
import Synchronization
import TestKit

@testable import NudgeDaemon

/// A real server on a real socket over a real store.
struct ControlFixture: Sendable {
  let folder: URL
  let store: Store
  let daemon: HeldDaemon
  let engine: Engine
  let server: ControlServer

  var path: String { folder.appending(path: "s").path }

  func connection() throws -> RawConnection { try RawConnection(to: path) }

  /// One request on a connection of its own.
  func ask(
    _ method: String, _ target: String, _ body: String? = nil, type: String = "application/json",
    fields: [String: String] = [:]
  ) async throws -> RawAnswer {
    let connection = try connection()
    return try await connection.ask(method, target, body, type: type, fields: fields)
  }

  func post(_ target: String, _ body: String) async throws -> RawAnswer { try await ask("POST", target, body) }

  /// One stream of events.
  func stream(_ lines: String) async throws -> RawAnswer {
    try await ask("POST", "/events", lines, type: "application/x-ndjson")
  }
}

/// Runs `body` against a server; afterwards it is drained and the store closed.
///
/// - Parameter isActivated: whether the socket is somebody else's, who handed it over.
func withControl(
  isActivated: Bool = false, limits: ControlLimits = .standard, queueLimit: Int = Engine.standardQueueLimit,
  capacity: Capacity = Capacity(), loops: ClientLoops = .shared,
  _ body: @Sendable (ControlFixture) async throws -> Void
) async throws {
  try await withTemporaryFolder { folder in
    let daemon = HeldDaemon()
    let store = try Store(path: folder.appending(path: "nudged.db").path, now: HeldDaemon.start)
    let engine = Engine(
      store: store, surroundings: daemon.surroundings, version: "1.2.3", startedAt: HeldDaemon.start, logger: .silent,
      queueLimit: queueLimit, capacity: capacity)
    var socket = try ControlSocket.listening(at: folder.appending(path: "s").path)
    if isActivated {
      let environment = ["LISTEN_FDS": "1", "LISTEN_PID": "\(getpid())"]
      socket = try ControlSocket.activated(environment: environment, first: socket.descriptor) ?? socket
    }
    let server = ControlServer(socket: socket, engine: engine, limits: limits, logger: .silent, loops: loops)
    let fixture = ControlFixture(folder: folder, store: store, daemon: daemon, engine: engine, server: server)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      defer { server.drain() }
      try await body(fixture)
    }
    await store.close()
  }
}

/// The clock, the dispatcher and the sender, in the test's hand.
final class HeldDaemon: Sendable {
  /// 2026-11-22T12:00:00Z
  static let start = Moment(milliseconds: 1_795_348_800_000)

  struct State: Sendable {
    var now = HeldDaemon.start
    var rings: [Moment] = []
    /// Messages that a recall gets back.
    var recallable: Set<Int64> = []
    var recalls: [[Int64]] = []
    var sender = SenderReport(transport: "maildir", state: .ok)
    var listeners: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    /// Runs within a recall, before it answers.
    var duringRecall: (@Sendable () async -> Void)?
    /// Runs within a check, before it answers.
    var duringCheck: (@Sendable () async -> Void)?
  }

  private let state = Mutex(State())

  var now: State { state.withLock { $0 } }

  func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  /// Waits until the dispatcher has been woken that often.
  func ringing(_ count: Int) async {
    await withCheckedContinuation { continuation in
      set { $0.listeners.append((count, continuation)) }
      serveListeners()
    }
  }

  private func rang(for due: Moment) {
    set { $0.rings.append(due) }
    serveListeners()
  }

  private func serveListeners() {
    let served = state.withLock { state in
      let served = state.listeners.filter { $0.count <= state.rings.count }
      state.listeners.removeAll { $0.count <= state.rings.count }
      return served
    }
    for listener in served { listener.continuation.resume() }
  }

  var surroundings: Engine.Surroundings {
    Engine.Surroundings(
      now: { self.now.now }, policies: { Policies() },
      ring: { due in self.rang(for: due) },
      recall: { ids in
        await self.now.duringRecall?()
        self.set { $0.recalls.append(ids) }
        return ids.filter(self.now.recallable.contains)
      },
      sender: { self.now.sender },
      preview: { (request, _) throws(Problem) in
        guard case .reminder(let step) = request.kind else { throw Problem(.invalid, "no template") }
        return PreviewReply(subject: "Step \(step)", text: "text", html: "<p>", eml: "eml")
      },
      mail: { (content, id) throws(Problem) in
        guard content.kind != .order else { throw Problem(.invalid, "no template") }
        return PreviewReply(
          from: "cart@shop.example", to: content.to, subject: "Mail \(id)", text: "t", html: "<p>", eml: "e")
      },
      testSend: { (request, _) throws(Problem) in
        guard request.to != "held@example.com" else { throw Problem(.overloaded, "no room") }
        return TestSendReply(
          outcome: .accepted, providerID: "p-1", error: nil, messageID: "test.1@shop.example",
          from: "cart@shop.example", to: request.to, subject: "[Test] x", transport: "maildir", held: nil)
      },
      check: {
        await self.now.duringCheck?()
        return CheckReply(findings: [.init(level: .ok, place: "database", detail: "writable")])
      })
  }
}

extension Logger {
  static var silent: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }
}
