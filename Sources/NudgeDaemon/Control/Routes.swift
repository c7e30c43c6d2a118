import HTTPTypes
import NudgeAPI

/// Which path and method lead where.
///
/// A table of our own rather than a router: a dozen paths need one lookup, and it knows what a 405 has to say.
enum Routes {
  static let all: [Route] = [
    event(.checkout),
    event(.order),
    Route(.post, "/events", load: .stream) { (engine, call) throws(Problem) in try await engine.takeEvents(call) },
    Route(.get, "/status") { (engine, call) throws(Problem) in try await engine.status(call) },
    Route(.get, "/checkouts", parameters: ["state", "shop", "email", "limit", "after"], load: .query) {
      (engine, call) throws(Problem) in try await engine.listCheckouts(call)
    },
    Route(.get, "/checkouts/{id}", parameters: ["shop"], load: .query) { (engine, call) throws(Problem) in
      try await engine.showCheckout(call)
    },
    Route(.get, "/orders/{id}", parameters: ["shop"], load: .query) { (engine, call) throws(Problem) in
      try await engine.showOrder(call)
    },
    Route(
      .get, "/messages",
      parameters: ["state", "reason", "kind", "shop", "email", "checkout_id", "limit", "after"], load: .query
    ) { (engine, call) throws(Problem) in try await engine.listMessages(call) },
    Route(.get, "/messages/{id}") { (engine, call) throws(Problem) in try await engine.showMessage(call) },
    Route(.get, "/messages/{id}/mail", load: .query) { (engine, call) throws(Problem) in try await engine.showMail(call)
    },
    Route(.post, "/messages/retry", load: .errand) { (engine, call) throws(Problem) in
      try await engine.retryDeadLetters(call)
    },
    Route(.post, "/messages/drop", load: .errand) { (engine, call) throws(Problem) in
      try await engine.dropDeadLetters(call)
    },
    Route(.post, "/messages/{id}/retry") { (engine, call) throws(Problem) in try await engine.retryMessage(call) },
    Route(.post, "/messages/{id}/drop") { (engine, call) throws(Problem) in try await engine.dropMessage(call) },
    Route(.post, "/preview", load: .query) { (engine, call) throws(Problem) in try await engine.preview(call) },
    Route(.post, "/test-send", load: .errand) { (engine, call) throws(Problem) in try await engine.testSend(call) },
    Route(.post, "/check", load: .errand) { (engine, call) throws(Problem) in await engine.check(call) },
    Route(.post, "/backup", load: .backup) { (engine, call) throws(Problem) in try await engine.backUp(call) },
    Route(.post, "/pause") { (engine, call) throws(Problem) in try await engine.setPaused(true, call) },
    Route(.post, "/resume") { (engine, call) throws(Problem) in try await engine.setPaused(false, call) },
    Route(.get, "/clock") { (engine, call) throws(Problem) in engine.clock() },
    Route(.post, "/clock/accept") { (engine, call) throws(Problem) in try await engine.acceptClock(call) },
    Route(.post, "/restored") { (engine, call) throws(Problem) in try await engine.takeOn(call) },
    Route(.get, "/healthz") { (engine, call) throws(Problem) in try engine.health() },
    Route(.get, "/metrics") { (engine, call) throws(Problem) in try await engine.metrics(call) },
  ]

  private static func event(_ kind: SingleEvent) -> Route {
    Route(.post, kind.path, load: .event) { (engine, call) throws(Problem) in try await engine.takeEvent(kind, call) }
  }

  /// The number in `all` of where such an event is sent to.
  static func number(of kind: SingleEvent) -> Int? { eventNumbers[kind.rawValue] }

  private static let eventNumbers = SingleEvent.allCases.map { numbers[$0.path]?.first }

  /// Where a request leads.
  enum Destination {
    /// The number of the route in `all`, and what stands for `{id}` in the path.
    case route(Int, id: String)
    /// The path is known, the method is not: those that are.
    case otherMethod(allowed: [HTTPRequest.Method])
    case nowhere
  }

  static func destination(of method: HTTPRequest.Method, _ path: Substring) -> Destination {
    guard let (routes, id) = routes(at: path) else { return .nowhere }
    let wanted: HTTPRequest.Method = method == .head ? .get : method
    if let found = routes.first(where: { all[$0].method == wanted }) { return .route(found, id: id) }
    return .otherMethod(allowed: routes.flatMap { all[$0].method == .get ? [.get, .head] : [all[$0].method] })
  }

  /// True if the body may take as long as it likes, as long as it keeps coming.
  static func isStream(_ target: String) -> Bool { parts(of: target).path == "/events" }

  /// The path of a request's target, and its query; a scheme and a host before them, as proxies send, say nothing here.
  static func parts(of target: String) -> (path: Substring, query: Substring?) {
    var rest = target[...]
    if !rest.hasPrefix("/"), let scheme = rest.firstRange(of: "://") {
      rest = rest[scheme.upperBound...].drop { $0 != "/" && $0 != "?" }
    }
    guard let mark = rest.firstIndex(of: "?") else { return (rest, nil) }
    return (rest[..<mark], rest[rest.index(after: mark)...])
  }

  private static let numbers: [String: [Int]] = Dictionary(grouping: all.indices) { all[$0].path }

  private static func routes(at path: Substring) -> (routes: [Int], id: String)? {
    if let routes = numbers[String(path)] { return (routes, "") }
    let parts = path.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[0].isEmpty, let id = parts[2].percentDecoded, !id.isEmpty else { return nil }
    let template = "/\(parts[1])/{id}" + (parts.count == 4 ? "/\(parts[3])" : "")
    return numbers[template].map { ($0, id) }
  }
}
