import HTTPTypes
import NIOCore
import NudgeAPI

/// An answer, ready to be written.
struct Reply: Sendable {
  var status: HTTPResponse.Status
  let mediaType: String
  /// Beside what says what the body is.
  var moreFields: HTTPFields = [:]
  var body: ByteBuffer
  /// The answer to HEAD: the fields of the one to GET.
  var omitsBody = false
  /// Held until the client has taken it; nil if it is small.
  var share: Share?

  var head: HTTPResponse {
    var fields = moreFields
    fields[.contentType] = mediaType
    fields[.contentLength] = String(body.readableBytes)
    return HTTPResponse(status: status, headerFields: fields)
  }

  /// The whole of it as HTTP/1.1 has it.
  var message: ByteBuffer {
    var message = ByteBuffer()
    message.reserveCapacity(Self.usualHeadBytes + body.readableBytes)
    message.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
    for field in moreFields { message.writeString("\(field.name.rawName): \(field.value)\r\n") }
    message.writeString("Content-Type: \(mediaType)\r\nContent-Length: \(body.readableBytes)\r\n\r\n")
    message.writeImmutableBuffer(body)
    return message
  }

  private static let usualHeadBytes = 128

  init(_ status: HTTPResponse.Status, mediaType: String, _ body: ByteBuffer) {
    self.status = status
    self.mediaType = mediaType
    self.body = body
  }

  init(_ status: HTTPResponse.Status, _ json: JSON) {
    self.init(status, mediaType: "application/json", ByteBuffer(bytes: json.bytes))
  }

  init(_ problem: Problem) {
    let status = HTTPResponse.Status(code: problem.code.status)
    self.init(status, mediaType: Problem.mediaType, ByteBuffer(bytes: problem.json.bytes))
    if let retryAfter = problem.retryAfter { moreFields[.retryAfter] = String(retryAfter) }
  }
}
