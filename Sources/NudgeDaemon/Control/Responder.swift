import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NudgeAPI
import NudgeDomain

/// From a request to its answer, whatever happens on the way.
struct Responder: Sendable {
  let engine: Engine
  let logger: Logger

  /// True if the client waits for a word before it sends the body, and would not send it in vain.
  func wantsToBeAsked(_ request: Request) -> Bool {
    guard let expectation = request.headers[.expect], expectation.lowercased() == "100-continue" else { return false }
    return Routes.isStream(request.head.path ?? "") || (request.announcedBytes ?? 0) <= Limits.eventBytes
  }

  /// - Parameter channel: of the client; nil if it is not known.
  func reply(to request: Request, from channel: (any Channel)? = nil) async -> Reply {
    let (path, query) = Routes.parts(of: request.head.path ?? "")
    var reply: Reply
    switch Routes.destination(of: request.method, path) {
    case .route(let number, let id):
      let who = Routes.all[number].isOperation ? await channel?.peer?.operator : nil
      reply = await answer(request, number, id: id, query, by: who)
      engine.counts.count(route: number, status: reply.status.code)
      if Routes.all[number].isOperation { note(request, reply, by: who) }
    case .otherMethod(let allowed):
      let list = allowed.map(\.rawValue).joined(separator: ", ")
      reply = Reply(Problem(.methodNotAllowed, "this resource takes \(list)"))
      reply.moreFields[.allow] = list
      engine.counts.count(route: nil, status: reply.status.code)
    case .nowhere:
      reply = Reply(Problem(.notFound, "there is no such resource; GET /status is one"))
      engine.counts.count(route: nil, status: reply.status.code)
    }
    reply.omitsBody = request.method == .head
    return reply
  }

  /// Who did what to nudged, for the log: also what was refused, which the database does not have.
  private func note(_ request: Request, _ reply: Reply, by who: Operator?) {
    var metadata: Logger.Metadata = [
      "action": "\(request.method.rawValue) \(Routes.parts(of: request.head.path ?? "").path)",
      "answer": "\(reply.status.code)",
    ]
    if let who {
      metadata["uid"] = "\(who.uid)"
      metadata["gid"] = "\(who.gid)"
      metadata["pid"] = "\(who.pid)"
      metadata["user"] = who.name.map { "\($0)" }
    }
    logger.notice("An operator acted", metadata: metadata)
  }

  private func answer(
    _ request: Request, _ number: Int, id: String, _ query: Substring?, by who: Operator?
  ) async -> Reply {
    let route = Routes.all[number]
    do throws(Problem) {
      if engine.isDraining { throw .stopping }
      let query = try query.map { (text) throws(Problem) in try Query(text, known: route.parameters) } ?? Query()
      let call = Call(
        request: request, id: id, query: query, now: engine.surroundings.now(), who: who,
        ahead: engine.surroundings.ahead(), capacity: engine.capacity)
      guard let turns = engine.capacity.turns(for: route.load) else {
        return try fit(try await route.answer(engine, call))
      }
      return try fit(try await turns.take { () throws(Problem) in try await route.answer(engine, call) })
    } catch {
      engine.noteRefusal(error, of: route.path)
      return Reply(error)
    }
  }
}

extension Responder {
  /// A large answer is given only if there is memory for it until the client has taken it.
  private func fit(_ reply: Reply) throws(Problem) -> Reply {
    guard reply.body.readableBytes > Capacity.ordinary else { return reply }
    var reply = reply
    let share = Share(of: engine.capacity.answers)
    guard share.take(reply.body.readableBytes) else {
      throw Problem(.overloaded, "other clients have not taken their large answers yet; try again shortly")
    }
    reply.share = share
    return reply
  }
}

extension Problem {
  static let stopping = Problem(.draining, "nudged is stopping; try again when it is back")
}
