import HTTPTypes
import NudgeAPI

/// One thing that a client can ask for.
struct Route: Sendable {
  /// How much of the writer's time the route may take up together with its like.
  enum Load: Sendable {
    case light
    /// It queues events to the store's writer: only so many at once.
    case ingest
  }

  let method: HTTPRequest.Method
  /// "/messages/{id}/retry".
  let path: String
  /// The query parameters that it knows.
  let parameters: [String]
  let load: Load
  let answer: @Sendable (Engine, Call) async throws(Problem) -> Reply

  /// True if it changes what nudged does, rather than tell it of the shop or ask it something.
  var isOperation: Bool { method == .post && load == .light && !Self.questions.contains(path) }

  /// Questions that need a body.
  private static let questions: Set = ["/preview", "/check"]

  init(
    _ method: HTTPRequest.Method, _ path: String, parameters: [String] = [], load: Load = .light,
    _ answer: @escaping @Sendable (Engine, Call) async throws(Problem) -> Reply
  ) {
    self.method = method
    self.path = path
    self.parameters = parameters
    self.load = load
    self.answer = answer
  }
}
