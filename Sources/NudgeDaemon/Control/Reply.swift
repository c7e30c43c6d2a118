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
    ByteBuffer { writer in
      writer.write("HTTP/1.1 ")
      writer.write(status.code)
      writer.write(UInt8(ascii: " "))
      writer.write(status.reasonPhrase)
      if !moreFields.isEmpty {
        for field in moreFields { writer.write("\r\n\(field.name.rawName): \(field.value)") }
      }
      writer.write("\r\nContent-Type: ")
      writer.write(mediaType)
      writer.write("\r\nContent-Length: ")
      writer.write(body.readableBytes)
      writer.write("\r\n\r\n")
      body.withUnsafeReadableBytes { writer.write($0) }
    }
  }

  init(_ status: HTTPResponse.Status, mediaType: String, _ body: ByteBuffer) {
    self.status = status
    self.mediaType = mediaType
    self.body = body
  }

  init(_ status: HTTPResponse.Status, _ json: JSON) {
    self.init(status, mediaType: Call.jsonMediaType, ByteBuffer { $0.value(json) })
  }

  init(_ problem: Problem) {
    let status = HTTPResponse.Status(code: problem.code.status)
    self.init(status, mediaType: Problem.mediaType, ByteBuffer { $0.value(problem.json) })
    if let retryAfter = problem.retryAfter { moreFields[.retryAfter] = String(retryAfter) }
  }
}

extension ByteBuffer {
  /// What `text` writes.
  init(writing text: (inout TextWriter) -> Void) {
    var writer = TextWriter()
    text(&writer)
    self = writer.withBytes { ByteBuffer(bytes: $0) }
  }
}
