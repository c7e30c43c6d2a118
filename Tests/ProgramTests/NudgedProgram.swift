import Foundation
import NudgeAPI
import TestKit
import Testing

/// The real daemon, in a folder of its own.
struct NudgedProgram {
  let folder: URL
  let program: Program

  var socket: String { folder.appending(path: "n.sock").path }
  var outbox: URL { folder.appending(path: "state/outbox/new") }

  /// Starts nudged on `folder` and waits until it is ready.
  init(in folder: URL, yaml: String, environment: [String: String] = [:]) async throws {
    self.folder = folder
    program = try Self.start(in: folder, yaml: yaml, environment: environment)
    _ = try await program.line(containing: "nudged is ready")
  }

  static func start(
    in folder: URL, yaml: String, arguments: [String] = [], environment: [String: String] = [:]
  ) throws -> Program {
    try write(yaml, in: folder)
    let places = [
      "--config", folder.appending(path: "nudged.yaml").path, "--state", folder.appending(path: "state").path,
      "--socket", folder.appending(path: "n.sock").path,
    ]
    return try Program(Repository.program("nudged"), places + arguments, environment: environment)
  }

  static func write(_ yaml: String, in folder: URL) throws {
    try yaml.write(to: folder.appending(path: "nudged.yaml"), atomically: true, encoding: .utf8)
  }

  /// Sends one request; returns the status and the body. A problem is thrown.
  @discardableResult
  func send(_ method: Client.Method, _ path: String, _ body: String? = nil) async throws -> (status: Int, body: String)
  {
    let client = Client(socket: socket)
    let result: Result<Reply, any Error>
    do { result = .success(try await client.send(method, path, body: body.map { Array($0.utf8) })) } catch {
      result = .failure(error)
    }
    await client.shutdown()
    let reply = try result.get()
    return (reply.status, String(decoding: reply.bytes, as: UTF8.self))
  }

  /// Tells it to stop; returns how it ended.
  func stop() async -> Program.Result {
    program.signal(SIGTERM)
    return await program.end()
  }
}

/// A daemon with one shop and that schedule, stopped afterwards whatever happens. What it wrote is told if the test threw.
func withNudged<T>(
  schedule: String = "30m", orderMessage: String = "when_checkout_open", environment: [String: String] = [:],
  isolation: isolated (any Actor)? = #isolation,
  _ body: (NudgedProgram) async throws -> T
) async throws -> T {
  try await withTemporaryFolder { folder in
    let yaml =
      "shops: { default: { from: cart@shop.example, schedule: [\(schedule)], order_message: \(orderMessage) } }"
    let nudged = try await NudgedProgram(in: folder, yaml: yaml, environment: environment)
    let result: Result<T, any Error>
    do { result = .success(try await body(nudged)) } catch { result = .failure(error) }
    nudged.program.signal(SIGKILL)
    let end = await nudged.program.end()
    if case .failure = result { Issue.record("nudged ended with \(end.status): \(end.errorText.suffix(4_000))") }
    return try result.get()
  }
}
