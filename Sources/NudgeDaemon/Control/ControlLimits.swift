package import NIOCore

/// How much of nudged a client may take up.
package struct ControlLimits: Sendable {
  /// Open at once. Those beyond wait in the kernel until one closes.
  package var connections = 2_048
  /// From the first byte of a request to its end; for `/events`, from one part of it to the next.
  package var request = TimeAmount.seconds(10)
  /// For a client to go on reading an answer that it has begun to read.
  package var answer = TimeAmount.seconds(30)
  /// Between two requests.
  package var idle = TimeAmount.seconds(75)
  /// Between a connection and its first request, when nudged is told to stop and the socket stays.
  package var arrival = TimeAmount.milliseconds(250)
  /// For the requests that run when nudged is told to stop.
  package var drain = TimeAmount.seconds(15)
  /// One header, in bytes.
  package var headerField = 8_192
  /// All headers of a request, in bytes.
  package var headers = 32_768
  package var headerCount = 100

  package init() {}

  package static let standard = ControlLimits()
}
