/// Speaks with a daemon over its Unix socket.
package struct Client: Sendable {
  package let socket: String

  package init(socket: String) {
    self.socket = socket
  }
}
