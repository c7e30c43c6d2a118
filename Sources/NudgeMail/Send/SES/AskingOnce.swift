import AsyncHTTPClient
import NIOCore

extension HTTPClient.Configuration {
  /// For whom only we may decide to ask again: no redirect is followed, and a connection is tried once.
  init(askingOnce timeouts: SESTimeouts) {
    self.init(redirectConfiguration: .disallow)
    timeout.connect = TimeAmount(timeouts.connect)
    connectionPool.retryConnectionEstablishment = false
    httpVersion = .http1Only
  }
}
