import NIOCore
import NIOSSL
import Synchronization

/// The connections to SES that wait for a request. There are as many as there ever were requests at a time, and each ends
/// when it has waited for long.
final class SESConnections: Sendable {
  private let endpoint: SESEndpoint
  private let timeout: Duration
  private let encryption: Result<NIOSSLContext?, SESFailure>
  private let idle = Mutex<[SESConnection]>([])

  init(_ endpoint: SESEndpoint, timeout: Duration) {
    self.endpoint = endpoint
    self.timeout = timeout
    encryption = Result { try endpoint.isEncrypted ? Self.encryption() : nil }
      .mapError { .connecting("TLS cannot be had: \($0)") }
  }

  private static func encryption() throws -> NIOSSLContext {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.applicationProtocols = ["http/1.1"]
    return try NIOSSLContext(configuration: tls)
  }

  /// Sends a request on a connection that waits, else on a new one; another one takes its place only if nothing can have
  /// been written on it.
  func send(_ request: SESExchange.Request) async throws -> SESAnswer {
    while let connection = waiting() {
      do {
        return try await send(request, on: connection)
      } catch SESFailure.stale {
        continue
      }
    }
    let connection = try await SESConnection.open(endpoint, encryption: encryption.get(), timeout: timeout)
    connection.whenClosed { [self] in forget(connection) }
    return try await send(request, on: connection)
  }

  /// Nothing may be on its way.
  func shutdown() async {
    let all = idle.withLock { idle in
      defer { idle = [] }
      return idle
    }
    for connection in all { await connection.close() }
  }

  private func send(_ request: SESExchange.Request, on connection: SESConnection) async throws -> SESAnswer {
    defer { if connection.isOpen { idle.withLock { $0.append(connection) } } }
    return try await connection.send(request)
  }

  /// The latest comes first, so that the others can end.
  private func waiting() -> SESConnection? { idle.withLock { $0.popLast() } }

  private func forget(_ connection: SESConnection) {
    idle.withLock { $0.removeAll { $0.isSame(as: connection) } }
  }
}
