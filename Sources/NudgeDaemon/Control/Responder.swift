import HTTPTypes
import HummingbirdCore
import Logging

/// From a request to its answer.
struct Responder: Sendable {
  let engine: Engine
  let logger: Logger

  /// True if the client waits for a word before it sends the body, and would not send it in vain.
  func wantsToBeAsked(_ request: Request) -> Bool { false }

  func reply(to request: Request) async -> Reply { .notHTTP }
}
