import HTTPTypes
import HummingbirdCore
import NIOCore

/// An answer, ready to be written.
struct Reply: Sendable {
  var status: HTTPResponse.Status
  var fields: HTTPFields
  var body: ByteBuffer

  static let notHTTP = Reply(status: .badRequest, fields: [:], body: ByteBuffer(string: "{}"))

  var head: HTTPResponse {
    var fields = fields
    fields[.contentLength] = String(body.readableBytes)
    return HTTPResponse(status: status, headerFields: fields)
  }
}
