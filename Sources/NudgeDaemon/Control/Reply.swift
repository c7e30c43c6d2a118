import HTTPTypes
import NIOCore
import NudgeAPI

/// An answer, ready to be written.
struct Reply: Sendable {
  var status: HTTPResponse.Status
  var fields: HTTPFields
  var body: ByteBuffer
  /// The answer to HEAD: the fields of the one to GET.
  var omitsBody = false
  /// Held until the client has taken it; nil if it is small.
  var share: Share?

  var head: HTTPResponse { HTTPResponse(status: status, headerFields: fields) }

  init(_ status: HTTPResponse.Status, mediaType: String, _ body: ByteBuffer) {
    self.status = status
    self.body = body
    fields = [.contentType: mediaType, .contentLength: String(body.readableBytes)]
  }

  init(_ status: HTTPResponse.Status, _ json: JSON) {
    self.init(status, mediaType: "application/json", ByteBuffer(bytes: json.bytes))
  }

  init(_ problem: Problem) {
    let status = HTTPResponse.Status(code: problem.code.status)
    self.init(status, mediaType: Problem.mediaType, ByteBuffer(bytes: problem.json.bytes))
    if let retryAfter = problem.retryAfter { fields[.retryAfter] = String(retryAfter) }
  }
}
