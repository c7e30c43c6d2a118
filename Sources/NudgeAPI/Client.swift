import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// The daemon's answer to a request, if it did what was asked.
package struct Reply: Hashable, Sendable {
  package var status: Int
  /// The body as it came.
  package var bytes: [UInt8]

  /// The body, read.
  package func json() throws(ClientError) -> JSON {
    do { return try JSON(parsing: bytes) } catch { throw .unreadable("the reply is not JSON: \(error)") }
  }

  /// The body, read as one of the replies.
  package func reading<T>(_ read: (JSON) throws(ReplyError) -> T) throws(ClientError) -> T {
    let json = try json()
    do { return try read(json) } catch { throw .unreadable(error.description) }
  }
}

/// Speaks with a daemon over its Unix socket. Whoever makes one shuts it down.
package struct Client: Sendable {
  package enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
  }

  package let socket: String
  private let http: HTTPClient

  /// How long a request may take in all, if its verb does not say.
  package static let patience = Duration.seconds(30)
  /// How long after the last line of `/events` the answer may take.
  private static let eventsPatience = TimeAmount.minutes(10)
  /// The largest reply that is taken.
  private static let replyBytes = 1 << 28

  package init(socket: String) {
    self.socket = socket
    var configuration = HTTPClient.Configuration()
    configuration.timeout.connect = .seconds(5)
    configuration.timeout.read = Self.eventsPatience
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.redirectConfiguration = .disallow
    http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  package func shutdown() async {
    try? await http.shutdown()  // the program ends next; nothing is left to be told
  }

  // MARK: Requests

  /// Does a request; the daemon's problem is thrown.
  ///
  /// - Parameter path: with its query, escaped: see `path(_:query:)`.
  package func send(
    _ method: Method, _ path: String, body: [UInt8]? = nil, patience: Duration = patience
  ) async throws(ClientError) -> Reply {
    var request = request(method, path)
    if let body {
      request.headers.add(name: "content-type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: body))
    }
    return try await answer(to: request, deadline: .now() + TimeAmount(patience))
  }

  /// Sends events, one JSON text a line. The next chunk is asked for only when the daemon has taken the one before.
  ///
  /// - Parameter chunks: of any size; a line may span them.
  package func events<Chunks: AsyncSequence & Sendable>(_ chunks: Chunks) async throws(ClientError) -> Reply
  where Chunks.Element == [UInt8] {
    var request = request(.post, "/events")
    request.headers.add(name: "content-type", value: Event.mediaType)
    request.body = .stream(chunks.map { ByteBuffer(bytes: $0) }, length: .unknown)
    return try await answer(to: request, deadline: .distantFuture)
  }

  private func request(_ method: Method, _ path: String) -> HTTPClientRequest {
    let host = socket.addingPercentEncoding(withAllowedCharacters: .urlHostAllowed) ?? socket
    var request = HTTPClientRequest(url: "http+unix://\(host)\(path)")
    request.method = HTTPMethod(rawValue: method.rawValue)
    request.headers.add(name: "host", value: "nudged")
    return request
  }

  private func answer(to request: HTTPClientRequest, deadline: NIODeadline) async throws(ClientError) -> Reply {
    let response: HTTPClientResponse
    let body: ByteBuffer
    do {
      response = try await http.execute(request, deadline: deadline)
      body = try await response.body.collect(upTo: Self.replyBytes)
    } catch {
      throw ClientError(error, socket: socket)
    }
    let bytes = Array(body.readableBytesView)
    guard !(200..<300).contains(response.status.code) else {
      return Reply(status: Int(response.status.code), bytes: bytes)
    }
    let retryAfter = response.headers.first(name: "retry-after").flatMap { Int($0) }
    throw ClientError(status: Int(response.status.code), bytes: bytes, retryAfter: retryAfter)
  }
}

// MARK: - Paths

extension Client {
  /// A path of escaped segments with a query of those members that have a value.
  package static func path(_ segments: [String], query: [(String, String?)] = []) -> String {
    let path = segments.map { "/" + escaped($0) }.joined()
    let said = query.compactMap { name, value in value.map { "\(name)=\(escaped($0))" } }
    return said.isEmpty ? path : path + "?" + said.joined(separator: "&")
  }

  private static func escaped(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text
  }

  /// RFC 3986's unreserved characters.
  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
