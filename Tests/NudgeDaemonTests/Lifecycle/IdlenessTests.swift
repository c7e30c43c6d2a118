import Foundation
import Logging
import NudgeDomain
import NudgeStore
import Synchronization
import TestKit
import Testing

@testable import NudgeDaemon

@Suite("A daemon that ends when it is idle", .timeLimit(.minutes(2))) struct IdlenessTests {
  private static let halfAnHour = Duration.seconds(1_800)

  @Test("ends with 0 when nothing was asked for that long, and leaves word when the next mail is due, less a second")
  func word() async throws {
    try await withIdleDaemon { store in
      try await store.tell("c-1", at: noon)
    } _: { daemon in
      await daemon.lookAround()
      await daemon.lookAround()
      let code = try await daemon.code()
      #expect(code == 0)
      #expect(daemon.wake == "\(noon.advanced(by: Self.halfAnHour).milliseconds / 1_000 - 1)\n")
    }
  }

  @Test("leaves no word when nothing is due, and forgets what an earlier one said")
  func noWord() async throws {
    try await withIdleDaemon { _ in
    } _: { daemon in
      #expect(daemon.wake == nil, "the word of an earlier run is old")
      await daemon.lookAround()
      await daemon.lookAround()
      let code = try await daemon.code()
      #expect(code == 0)
      #expect(daemon.wake == nil)
    }
  }

  @Test("does not end for being idle when it is told to end, and leaves no word then")
  func told() async throws {
    try await withIdleDaemon { store in
      try await store.tell("c-1", at: noon)
    } _: { daemon in
      await daemon.lookAround()
      daemon.signals.yield(.terminate)
      let code = try await daemon.code()
      #expect(code == 0)
      #expect(daemon.wake == nil)
    }
  }

  @Test("counts what comes when it has decided to end", .enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1))
  func between() async throws {
    try await withIdleDaemon { _ in
    } _: { daemon in
      let event = #"{"checkout_id": "late", "email": "ann@example.com", "occurred_at": "2025-11-22T12:00:00Z"}"#
      daemon.log.when("There is nothing to do") { daemon.postAndWait("/checkout", event) }
      await daemon.lookAround()
      await daemon.lookAround()
      let code = try await daemon.code()
      #expect(code == 0)
      #expect(daemon.log.answers == ["202"])
      #expect(daemon.wake == "\(noon.advanced(by: Self.halfAnHour).milliseconds / 1_000 - 1)\n")
    }
  }

  @Test("stays as long after each answer, and ends when none was asked for after that")
  func answers() async throws {
    try await withIdleDaemon { _ in
    } _: { daemon in
      #expect(await daemon.lookAround())
      for _ in 1...3 {
        #expect(await daemon.waitsForIdleness())
        #expect(try await daemon.get("/status") == "200")
        #expect(await daemon.lookAround())
      }
      #expect(await daemon.waitsForIdleness(), "the latest answer was less than that long ago")
      #expect(await daemon.lookAround())
      #expect(await !daemon.waitsForIdleness())
      let code = try await daemon.code()
      #expect(code == 0)
    }
  }

  @Test("stays while a mail is on its way")
  func flight() async throws {
    try await withIdleDaemon { store in
      try await store.tell("c-1", at: noon.advanced(by: .zero - Self.halfAnHour))
    } configuring: { folder in
      try Relay.make(in: folder)
    } _: { daemon in
      let relay = Relay(folder: daemon.folder)
      try await relay.takesMail()
      for _ in 1...3 { #expect(await daemon.lookAround()) }
      #expect(await daemon.waitsForIdleness())
      try await relay.goOn()
      while await daemon.lookAround() {}
      let code = try await daemon.code()
      #expect(code == 0)
    }
  }

  @Test("wants to be woken when mails that wait for a template are to be tried again")
  func held() async throws {
    try await withIdleDaemon { store in
      // Nobody can read these carts: the first ones blame themselves, then all blame the template.
      for number in 1...FailingStream.mostFailures + 2 {
        try await store.tell("c-\(number)", at: noon.advanced(by: .zero - Self.halfAnHour), content: "no cart")
      }
      try await store.tell("later", at: noon)
    } _: { daemon in
      while await daemon.lookAround() {}
      let code = try await daemon.code()
      #expect(code == 0)
      #expect(daemon.wake == "\(noon.advanced(by: FailingStream.firstWait).milliseconds / 1_000 - 1)\n")
    }
  }

  @Test("ends with an error when it cannot leave word, so that it is started again")
  func unwritable() async throws {
    try await withIdleDaemon { store in
      try await store.tell("c-1", at: noon)
    } _: { daemon in
      await daemon.lookAround()
      // What is not a file cannot be replaced by one.
      try FileManager.default.createDirectory(
        atPath: daemon.wakePath + "/in the way", withIntermediateDirectories: true)
      await daemon.lookAround()
      let code = try await daemon.code()
      #expect(code == ProgramExit.inputOutput)
    }
  }

  @Test("a limit that is no duration, or shorter than a second, is refused", arguments: ["soon", "10ms", "-5m"])
  func limit(text: String) {
    #expect(throws: StartFailure.self) { try Daemon.idleLimit([Daemon.idleVariable: text]) }
  }

  @Test("without a limit it stays for good", arguments: [[:], [Daemon.idleVariable: ""]])
  func unlimited(environment: [String: String]) throws {
    #expect(try Daemon.idleLimit(environment) == nil)
  }
}

// MARK: - What it runs in

/// Two clocks: one that the wait for idleness goes by, one for everything else.
private struct IdleClock: WallClock {
  static let limit = Duration.seconds(7)
  /// Nobody sleeps as long, but for who stands in for those that sleep no more.
  static let sinceEnd = Duration.seconds(86_400)

  let wall = HeldClock(noon)
  let idle = HeldClock(noon)

  func now() -> Moment { wall.now() }
  func uptime() -> Uptime { wall.uptime() }
  func pass(_ duration: Duration) async throws {
    try await (duration == Self.limit ? idle : wall).pass(duration)
  }
}

/// Does something within a line of the log.
private final class HookedLog: Sendable {
  private struct State {
    var text = ""
    var act: (@Sendable () -> String)?
    var answers: [String] = []
    var end: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  var answers: [String] { state.withLock { $0.answers } }

  func when(_ text: String, _ act: @escaping @Sendable () -> String) {
    state.withLock { ($0.text, $0.act) = (text, act) }
  }

  /// What is done whenever somebody decides to end.
  func onEnd(_ act: @escaping @Sendable () -> Void) { state.withLock { $0.end = act } }

  fileprivate func heard(_ sentence: String) {
    if sentence == "nudged stops" { state.withLock { $0.end }?() }
    let act = state.withLock { state in
      guard let act = state.act, sentence.hasPrefix(state.text) else { return nil as (@Sendable () -> String)? }
      state.act = nil
      return act
    }
    guard let answer = act?() else { return }
    state.withLock { $0.answers.append(answer) }
  }
}

private struct HookedHandler: LogHandler {
  let log: HookedLog
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { log.heard(event.message.description) }
}

private struct IdleDaemon: Sendable {
  let folder: URL
  let clock = IdleClock()
  let log = HookedLog()
  let signals: AsyncStream<Signals.Name>.Continuation
  let ending: Task<Int32, any Error>

  var socket: String { folder.appending(path: "s").path }
  var wakePath: String { Self.places(folder).wake }
  var wake: String? { try? String(contentsOfFile: wakePath, encoding: .utf8) }

  static func places(_ folder: URL) -> Places {
    Places(
      config: folder.appending(path: "nudged.yaml").path, state: folder.appending(path: "state").path,
      socket: folder.appending(path: "s").path, environment: [:])
  }

  init(in folder: URL) {
    self.folder = folder
    let (stream, continuation) = AsyncStream.makeStream(of: Signals.Name.self)
    signals = continuation
    // Who waits for it to wait must not do so for ever.
    log.onEnd { [clock] in Task { try? await clock.idle.pass(IdleClock.sinceEnd) } }
    let surroundings = Daemon.Surroundings(
      places: Self.places(folder), environment: [Daemon.idleVariable: "7s"], version: "1.2.3", clock: clock,
      logger: Logger(label: "test") { [log] _ in HookedHandler(log: log) }, notifier: ServiceNotifier(address: nil),
      abandon: { code in Issue.record("abandoned with \(code)") })
    ending = Task { try await Daemon.run(surroundings, signals: Signals(stream: stream)) }
  }

  func code() async throws -> Int32 { try await ending.value }

  /// Waits until it waits to be idle, and has that time pass. False if it has decided to end instead.
  @discardableResult
  func lookAround() async -> Bool {
    guard await waitsForIdleness() else { return false }
    clock.idle.advance(by: IdleClock.limit)
    return true
  }

  /// Returns once it waits to be idle: then all that it decided before is decided. False if it has decided to end.
  func waitsForIdleness() async -> Bool { await clock.idle.sleepBegins() == IdleClock.limit }

  /// The status of the answer.
  func get(_ target: String) async throws -> String {
    try await Program.run(
      URL(filePath: "/usr/bin/curl"),
      ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", socket, "http://nudged\(target)"]
    ).text
  }

  /// Blocks its thread until there is an answer; returns the status.
  func postAndWait(_ target: String, _ body: String) -> String {
    let curl = Process()
    let pipe = Pipe()
    curl.executableURL = URL(filePath: "/usr/bin/curl")
    curl.arguments = [
      "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", socket, "http://nudged\(target)",
      "-H", "Content-Type: application/json", "-d", body,
    ]
    curl.standardOutput = pipe
    do { try curl.run() } catch { return "\(error)" }
    let answer = pipe.fileHandleForReading.readDataToEndOfFile()
    curl.waitUntilExit()
    return String(decoding: answer, as: UTF8.self)
  }
}

/// A `sendmail` that says when it has been started, and ends when it is told.
private struct Relay {
  let folder: URL

  private var program: URL { folder.appending(path: "relay") }
  private var began: URL { folder.appending(path: "began") }
  private var order: URL { folder.appending(path: "order") }

  /// Makes it, and answers the configuration that uses it.
  static func make(in folder: URL) throws -> String {
    let relay = Relay(folder: folder)
    for pipe in [relay.began, relay.order] {
      guard mkfifo(pipe.path, 0o600) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }
    let script = "#!/bin/sh\ncat >/dev/null\necho began >'\(relay.began.path)'\nread go <'\(relay.order.path)'\n"
    try script.write(to: relay.program, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: relay.program.path)
    return "sender: { transport: sendmail, sendmail: { path: \"\(relay.program.path)\", timeout: 10m } }\n"
  }

  /// Returns when it has been started and has a mail.
  func takesMail() async throws {
    let printed = try await Program.run(URL(filePath: "/bin/cat"), [began.path]).text
    #expect(printed == "began\n")
  }

  func goOn() async throws {
    _ = try await Program.run(URL(filePath: "/bin/sh"), ["-c", #"echo go >"$1""#, "sh", order.path])
  }
}

extension Store {
  fileprivate func tell(_ id: String, at moment: Moment, content: String = "{}") async throws {
    let change = CheckoutChange(
      key: CheckoutKey(shop: "default", id: id), email: "\(id)@example.com", occurredAt: moment, content: content)
    _ = try await record(change, policy: ShopPolicy(), now: moment)
  }
}

/// Runs a daemon on what `fill` has written, and on a word from before; it has ended when this returns.
private func withIdleDaemon(
  _ fill: @Sendable (Store) async throws -> Void, configuring: @Sendable (URL) throws -> String = { _ in "" },
  _ body: @Sendable (IdleDaemon) async throws -> Void
) async throws {
  try await withTemporaryFolder { folder in
    let places = IdleDaemon.places(folder)
    try FileManager.default.createDirectory(atPath: places.state, withIntermediateDirectories: true)
    try configuring(folder).write(toFile: places.configuration, atomically: true, encoding: .utf8)
    try "1\n".write(toFile: places.wake, atomically: true, encoding: .utf8)
    let store = try Store(path: places.database, now: noon)
    let filled: Result<Void, any Error>
    do { filled = .success(try await fill(store)) } catch { filled = .failure(error) }
    await store.close()
    try filled.get()
    let daemon = IdleDaemon(in: folder)
    _ = await daemon.clock.idle.sleepBegins()
    let result: Result<Void, any Error>
    do { result = .success(try await body(daemon)) } catch { result = .failure(error) }
    daemon.signals.yield(.terminate)
    _ = try? await daemon.code()  // it is over, one way or the other
    daemon.clock.idle.advance(by: IdleClock.sinceEnd)
    try result.get()
  }
}
