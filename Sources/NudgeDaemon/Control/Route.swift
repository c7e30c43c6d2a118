import HTTPTypes
import NudgeAPI

/// One thing that a client can ask for.
struct Route: Sendable {
  /// What the route takes up, and so how many of its like may run at once: see `Capacity`.
  enum Load: Sendable {
    /// Done at once.
    case light
    /// It queues an event to the store's writer.
    case event
    /// It queues events for as long as they come.
    case stream
    /// It reads much, or composes.
    case query
    /// It waits for others, or goes through much.
    case errand
    /// It copies all there is.
    case backup
  }

  let method: HTTPRequest.Method
  /// "/messages/{id}/retry".
  let path: String
  /// The query parameters that it knows.
  let parameters: [String]
  let load: Load
  let answer: @Sendable (Engine, Call) async throws(Problem) -> Reply

  /// True if it changes what nudged does, rather than tell it of the shop or ask it something.
  var isOperation: Bool {
    switch load {
    case .event, .stream: false
    case .light, .query, .errand, .backup: method == .post && !Self.questions.contains(path)
    }
  }

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
