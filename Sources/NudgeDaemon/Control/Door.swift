import HTTPTypes
import HummingbirdCore
import NIOCore

/// A way to the routes without a socket: the request is read as one that came over it, from the media type on.
package struct Door: Sendable {
  package struct Answer: Hashable, Sendable {
    package var status: Int
    package var body: String
  }

  private let responder: Responder

  package init(to engine: Engine) {
    responder = Responder(engine: engine, logger: engine.logger)
  }

  /// - Parameter target: the path, with its query.
  package func ask(
    _ method: String, _ target: String, _ body: String = "", mediaType: String = "application/json"
  ) async -> Answer {
    let head = HTTPRequest(
      method: HTTPRequest.Method(method) ?? .get, scheme: nil, authority: nil, path: target,
      headerFields: body.isEmpty ? [:] : [.contentType: mediaType, .contentLength: String(body.utf8.count)])
    let reply = await responder.reply(to: Request(head: head, body: .init(buffer: ByteBuffer(string: body))))
    return Answer(status: reply.status.code, body: String(buffer: reply.body))
  }
}
