import Foundation
import NudgeAPI
import TestKit
import Testing

@Suite("The client") struct ClientTests {
  @Test("a request goes out as asked, and the answer comes back byte for byte")
  func sends() async throws {
    try await withServer { client in
      let path = Client.path(["echo", "a/b ü?"], query: [("shop", "x&y=z"), ("state", nil)])
      let reply = try await client.send(.post, path, body: Array(#"{"k":"ä"}"#.utf8))
      let json = try reply.json()
      #expect(reply.status == 200)
      #expect(json["method"] == "POST")
      #expect(json["path"] == "/echo/a%2Fb%20%C3%BC%3F?shop=x%26y%3Dz")
      #expect(json["body"] == #"{"k":"ä"}"#)
      #expect(json["type"] == "application/json")
      let second = try await client.send(.get, "/echo").json()
      #expect(second["method"] == "GET")
    }
  }

  @Test("events are streamed, many chunks of any size")
  func streams() async throws {
    try await withServer { client in
      let lines = (0..<20_000).map { "{\"n\":\($0)}\n" }.joined()
      let reply = try await client.events(Chunks(bytes: Array(lines.utf8), size: 1_003))
      #expect(try reply.reading(EventsReply.init(json:)) == EventsReply(accepted: 20_000, rejected: []))
    }
  }

  @Test("an input that fails in the middle ends the request, and is told")
  func tellsFailingInput() async throws {
    try await withServer { client in
      let error = await #expect(throws: ClientError.self) {
        try await client.events(Chunks(bytes: [1, 2, 3], size: 1, failure: InputError(reason: "cannot read x")))
      }
      #expect(error == .input("cannot read x"))
      #expect(error?.exitCode == .noInput)
    }
  }

  @Test("a problem is thrown with its code, its errors and when to try again")
  func throwsProblems() async throws {
    try await withServer { client in
      for (path, code, exit) in [
        ("422/invalid", Problem.Code.invalid, Exit.refused), ("503/overloaded", .overloaded, .tryAgain),
        ("503/draining", .draining, .tryAgain), ("409/wrong_state", .wrongState, .refused),
        ("500/internal", .internal, .failed), ("404/not_found", .notFound, .refused),
        ("413/of_a_later_version", .tooLarge, .refused), ("418/of_a_later_version", .malformed, .refused),
      ] {
        let error = await #expect(throws: ClientError.self) { try await client.send(.get, "/problem/\(path)") }
        guard case .problem(let problem, let bytes) = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
        #expect(problem.code == code)
        #expect(problem.detail == "D")
        #expect(problem.errors == [.init(pointer: "/email", detail: "is wrong")])
        #expect(problem.retryAfter == 7)
        #expect(error?.exitCode == exit)
        let words = try JSON(parsing: bytes)
        #expect(words["title"] == "T")
      }
    }
  }

  @Test("answers that make no sense are told as such")
  func throwsOnNonsense() async throws {
    try await withServer { client in
      let garbage = try await client.send(.get, "/garbage")
      #expect(throws: ClientError.self) { try garbage.json() }
      let silent = await #expect(throws: ClientError.self) { try await client.send(.get, "/status/500") }
      #expect(silent == .unreadable("the daemon answered 500 without saying why"))
      let broken = await #expect(throws: ClientError.self) { try await client.send(.get, "/break") }
      #expect(broken?.exitCode == .tryAgain)
      let wrong = try await client.send(.get, "/echo")
      let error = #expect(throws: ClientError.self) { try wrong.reading(PauseReply.init(json:)) }
      #expect(error == .unreadable("the reply to a pause should have a \"paused\" and has none that fits"))
    }
  }

  @Test("no socket, a stale one, a file and a path too long are no daemon")
  func throwsNoDaemon() async throws {
    try await withTemporaryFolder { folder in
      let stale = folder.appending(path: "stale").path
      let server = try Program(Repository.python, [Repository.oracle("http_server").path, stale])
      _ = try await server.line(containing: "listening")
      server.signal(SIGKILL)
      await server.end()
      let file = folder.appending(path: "file").path
      try Data().write(to: URL(filePath: file))
      let long = folder.path + "/" + String(repeating: "x", count: 200)
      for (socket, reason) in [
        (folder.path + "/none", "there is no such socket"), (stale, "nobody listens there"),
        (file, "nobody listens there"), (long, "its path is too long for a socket"),
      ] {
        let client = Client(socket: socket)
        let error = await #expect(throws: ClientError.self) { try await client.send(.get, "/status") }
        #expect(error == .noDaemon(socket: socket, reason: reason))
        #expect(error?.exitCode == .noDaemon)
        await client.shutdown()
      }
    }
  }

  private func withServer(_ body: (Client) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let socket = folder.appending(path: "a socket.sock").path
      let server = try Program(Repository.python, [Repository.oracle("http_server").path, socket])
      _ = try await server.line(containing: "listening")
      let client = Client(socket: socket)
      let result = await Result { try await body(client) }
      await client.shutdown()
      server.signal(SIGKILL)
      await server.end()
      try result.get()
    }
  }
}

extension Result where Failure == any Error {
  fileprivate init(catching body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

/// Bytes in chunks of one size, then the end or a failure.
private struct Chunks: AsyncSequence, Sendable {
  var bytes: [UInt8]
  var size: Int
  var failure: InputError?

  struct Iterator: AsyncIteratorProtocol {
    var rest: ArraySlice<UInt8>
    var size: Int
    var failure: InputError?

    mutating func next() async throws -> [UInt8]? {
      if rest.isEmpty, let failure { throw failure }
      let chunk = Array(rest.prefix(size))
      rest = rest.dropFirst(size)
      return chunk.isEmpty ? nil : chunk
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(rest: bytes[...], size: size, failure: failure) }
}
