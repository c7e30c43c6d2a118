package import Foundation
import Synchronization

/// Another program, started by a test: a server, an oracle, nudged itself.
package final class Program: Sendable {
  package enum Failure: Error {
    /// The program ended before it printed what the test waited for; what it had printed.
    case ended(printed: String)
  }

  package struct Result: Sendable {
    package var status: Int32
    package var output: Data
    package var error: Data

    package var text: String { String(decoding: output, as: UTF8.self) }
    package var errorText: String { String(decoding: error, as: UTF8.self) }
  }

  /// How long a test waits for a line, or for the end. Then the program is killed, and what it has printed is all: a test
  /// that would wait for ever fails instead, and says why.
  private static let patience = DispatchTimeInterval.seconds(900)

  private let process: Process
  private let output: Lines
  private let error: Lines

  /// Starts the program. It ends with `kill`, or by itself. What the tests have printed so far is seen before that.
  package init(
    _ executable: URL, _ arguments: [String] = [], environment: [String: String] = [:], folder: URL? = nil,
    input: Data? = nil
  ) throws {
    fflush(nil)
    process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = folder
    let outputPipe = Pipe()
    let errorPipe = Pipe()
    process.standardOutput = outputPipe
    process.standardError = errorPipe
    let inputPipe = input.map { _ in Pipe() }
    process.standardInput = inputPipe ?? FileHandle.nullDevice
    output = Lines()
    error = Lines()
    try process.run()
    output.follow(outputPipe.fileHandleForReading)
    error.follow(errorPipe.fileHandleForReading)
    if let input, let writer = inputPipe?.fileHandleForWriting {
      Thread.detachNewThread {
        try? writer.write(contentsOf: input)  // a program that reads no further is its own business
        try? writer.close()
      }
    }
  }

  package var processIdentifier: Int32 { process.processIdentifier }

  /// Runs a program to its end.
  package static func run(
    _ executable: URL, _ arguments: [String] = [], environment: [String: String] = [:], folder: URL? = nil,
    input: Data? = nil
  ) async throws -> Result {
    let program = try Program(executable, arguments, environment: environment, folder: folder, input: input)
    return await program.end()
  }

  /// Waits for a line with `text` on standard output or standard error; returns it.
  package func line(containing text: String) async throws -> String {
    let limit = killLater()
    defer { limit.cancel() }
    return try await withCheckedThrowingContinuation { continuation in
      let once = Once(continuation)
      output.await(text) { once.resume($0) }
      error.await(text) { once.resume($0) }
    }
  }

  package func signal(_ signal: Int32) {
    kill(process.processIdentifier, signal)
  }

  /// Waits until the program has ended and all that it printed is read.
  @discardableResult
  package func end() async -> Result {
    let limit = killLater()
    defer { limit.cancel() }
    let output = await output.all()
    let error = await error.all()
    let process = process
    let status = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        process.waitUntilExit()
        continuation.resume(returning: process.terminationStatus)
      }
    }
    return Result(status: status, output: output, error: error)
  }

  private func killLater() -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource()
    timer.schedule(deadline: .now() + Self.patience)
    timer.setEventHandler { [self] in
      signal(SIGKILL)
      output.cut()
      error.cut()
    }
    timer.activate()
    return timer
  }
}

/// Resumes a continuation with the first line found; with a failure once both streams have ended without one.
private final class Once: Sendable {
  private let state: Mutex<(continuation: CheckedContinuation<String, any Error>?, misses: Int, printed: String)>

  init(_ continuation: CheckedContinuation<String, any Error>) {
    state = Mutex((continuation, 0, ""))
  }

  func resume(_ found: Lines.Found) {
    state.withLock { state in
      switch found {
      case .line(let line):
        state.continuation?.resume(returning: line)
        state.continuation = nil
      case .ended(let printed):
        state.misses += 1
        state.printed += printed
        guard state.misses == 2 else { return }
        state.continuation?.resume(throwing: Program.Failure.ended(printed: state.printed))
        state.continuation = nil
      }
    }
  }
}

/// What one stream of a program has printed so far, and who waits for more of it.
private final class Lines: Sendable {
  enum Found: Sendable {
    case line(String)
    case ended(printed: String)
  }

  private struct State {
    var data = Data()
    var isAtEnd = false
    var waiting: [(text: String, found: @Sendable (Found) -> Void)] = []
    var ending: [CheckedContinuation<Data, Never>] = []
  }

  private let state = Mutex(State())

  func follow(_ handle: FileHandle) {
    Thread.detachNewThread {
      while true {
        let data = handle.availableData
        self.append(data)
        if data.isEmpty { return }
      }
    }
  }

  /// Takes what has come so far as all, though somebody may still hold the other end.
  func cut() { append(Data()) }

  func await(_ text: String, _ found: @escaping @Sendable (Found) -> Void) {
    state.withLock { state in
      state.waiting.append((text, found))
      Self.serve(&state)
    }
  }

  func all() async -> Data {
    await withCheckedContinuation { continuation in
      state.withLock { state in
        if state.isAtEnd { continuation.resume(returning: state.data) } else { state.ending.append(continuation) }
      }
    }
  }

  private func append(_ data: Data) {
    state.withLock { state in
      guard !state.isAtEnd else { return }
      state.data.append(data)
      state.isAtEnd = data.isEmpty
      Self.serve(&state)
    }
  }

  private static func serve(_ state: inout State) {
    let printed = String(decoding: state.data, as: UTF8.self)
    let lines = printed.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    state.waiting.removeAll { waiter in
      if let line = lines.first(where: { $0.contains(waiter.text) }) {
        waiter.found(.line(String(line)))
        return true
      }
      if state.isAtEnd { waiter.found(.ended(printed: printed)) }
      return state.isAtEnd
    }
    guard state.isAtEnd else { return }
    for continuation in state.ending { continuation.resume(returning: state.data) }
    state.ending = []
  }
}
