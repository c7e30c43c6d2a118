package import NIOCore

/// How much of nudged a client may take up.
package struct ControlLimits: Sendable {
  /// Open at once. For one more, the one that has been idle for the longest time is closed; if none is idle, the one that
  /// has made nudged wait for the longest time in the middle of something. If nudged is at work for all of them, the
  /// newcomer waits.
  package var connections = 2_048
  /// From the first byte of a request to its end; for `/events`, from one part of it to the next.
  package var request = TimeAmount.seconds(10)
  /// For a client to go on reading an answer that it has begun to read.
  package var answer = TimeAmount.seconds(30)
  /// For a client to leave when it has been told that nothing more comes.
  package var farewell = TimeAmount.seconds(5)
  /// Between two requests.
  package var idle = TimeAmount.seconds(75)
  /// For the first request of who has just connected, when nudged is told to stop and the socket stays. A busy machine
  /// may let a program rest between the two.
  package var arrival = TimeAmount.seconds(2)
  /// For the requests that run when nudged is told to stop.
  package var drain = TimeAmount.seconds(15)
  /// One header, in bytes.
  package var headerField = 8_192
  /// All headers of a request, in bytes.
  package var headers = 32_768
  package var headerCount = 100

  package init() {}

  package static let standard = ControlLimits()

  /// Descriptors that are not for clients: the database and its readers, mail on its way, backups, the log.
  static let reservedDescriptors = 256
  static let fewestConnections = 16

  /// The standard limits for a process that may have that many files open: clients never take the database's.
  package static func standard(descriptors: Int) -> ControlLimits {
    var limits = ControlLimits()
    limits.connections = max(min(limits.connections, descriptors - reservedDescriptors), fewestConnections)
    return limits
  }
}
