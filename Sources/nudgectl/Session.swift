import NudgeAPI

/// What a verb needs to speak with the daemon.
struct Session {
  let client: Client
  /// Whether the daemon's answer is printed as it came.
  let json: Bool

  /// Runs a verb, and lets go of the daemon whatever happens.
  static func run(_ options: DaemonOptions, _ body: (Session) async throws -> Void) async throws {
    let session = Session(client: Client(socket: options.path), json: options.json)
    do {
      try await body(session)
      await session.client.shutdown()
    } catch {
      await session.client.shutdown()
      guard let error = error as? ClientError else { throw error }
      throw Failure(error, json: options.json)
    }
  }

  /// Does a request and prints the answer: as it came, or read and told by `show`.
  func ask<T>(
    _ method: Client.Method, _ path: String, body: [UInt8]? = nil, patience: Duration = Client.patience,
    as read: (JSON) throws(ReplyError) -> T, show: (T) -> Void
  ) async throws {
    let reply = try await client.send(method, path, body: body, patience: patience)
    if json { return Output.data(reply.bytes, endingLine: true) }
    show(try reply.reading(read))
  }
}
