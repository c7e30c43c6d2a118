import Foundation
import Glibc
import Synchronization

/// A server on loopback that does to each connection what the test says, good or bad.
final class ScriptedServer: Sendable {
  let port: Int
  private let listener: Int32
  private let counts = Mutex((connections: 0, requests: 0))

  var connections: Int { counts.withLock { $0.connections } }
  /// How often the script said that it had read a request.
  var requests: Int { counts.withLock { $0.requests } }

  /// Runs `script` on a thread of its own for each connection, and closes the connection when it returns.
  init(_ script: @escaping @Sendable (Line) -> Void) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    guard listener >= 0, isListening else { throw POSIXError(.EADDRNOTAVAIL) }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        if connection < 0 { break }
        counts.withLock { $0.connections += 1 }
        Thread.detachNewThread { [self] in
          let line = Line(descriptor: connection, server: self)
          script(line)
          line.close()
        }
      }
      close(listener)
    }
  }

  fileprivate func hasRead() { counts.withLock { $0.requests += 1 } }

  /// Nobody listens at the port any more. The thread that accepts closes the socket, lest it accept for whoever is given
  /// its number next.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
  }

  /// One connection, as the server sees it.
  final class Line: Sendable {
    private let descriptor: Int32
    private let server: ScriptedServer
    private let isClosed = Mutex(false)

    init(descriptor: Int32, server: ScriptedServer) {
      self.descriptor = descriptor
      self.server = server
    }

    func write(_ text: String) {
      var bytes = Array(text.utf8)[...]
      while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count <= 0 { return }  // the client has gone
        bytes = bytes.dropFirst(count)
      }
    }

    /// Reads up to and including `mark`; nil if the client hung up before.
    func read(through mark: String) -> String? {
      var bytes: [UInt8] = []
      let mark = Array(mark.utf8)
      while !bytes.suffix(mark.count).elementsEqual(mark) {
        guard let byte = read(1) else { return nil }
        bytes += byte
      }
      return String(decoding: bytes, as: UTF8.self)
    }

    func read(_ count: Int) -> [UInt8]? {
      var bytes = [UInt8](repeating: 0, count: count)
      var filled = 0
      while filled < count {
        let taken = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + filled, count - filled, 0) }
        if taken <= 0 { return nil }
        filled += taken
      }
      return bytes
    }

    /// Returns once the client has hung up.
    func waitForEnd() {
      while read(1) != nil {}
    }

    /// Closes without goodbye: the client gets a reset.
    func reset() {
      var option = linger(l_onoff: 1, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
      close()
    }

    func close() {
      let wasOpen = isClosed.withLock { isClosed in
        defer { isClosed = true }
        return !isClosed
      }
      if wasOpen { Glibc.close(descriptor) }
    }

    // MARK: HTTP

    struct Request: Sendable {
      var head: String
      var body: [UInt8]
    }

    /// Reads one request; nil if the client hung up.
    func request() -> Request? {
      guard let head = read(through: "\r\n\r\n") else { return nil }
      let length = head.lowercased().firstMatch(of: /content-length: *([0-9]+)/).flatMap { Int($0.1) } ?? 0
      guard let body = read(length) else { return nil }
      server.hasRead()
      return Request(head: head, body: body)
    }

    func answer(_ status: Int, headers: [String] = [], body: String = "") {
      let lines = ["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + headers
      write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }
  }
}
