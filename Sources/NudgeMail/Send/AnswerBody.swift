import AsyncHTTPClient
import NIOCore

extension HTTPClientResponse.Body {
  /// The whole body, if it is there in time. AsyncHTTPClient's own deadline ends with the head of an answer: a server
  /// that stops in the middle of the body would be waited for without end.
  ///
  /// - Throws: `HTTPClientError.deadlineExceeded` if it is not.
  func collect(upTo limit: Int, by deadline: NIODeadline) async throws -> ByteBuffer {
    let body = self
    let left = Duration.nanoseconds((deadline - .now()).nanoseconds)
    return try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await body.collect(upTo: limit) }
      group.addTask {
        try await Task.sleep(for: left)
        return nil
      }
      guard let whole = try await group.next() ?? nil else { throw HTTPClientError.deadlineExceeded }
      return whole
    }
  }
}
