import Foundation
import Glibc
import Synchronization

/// A port on loopback that the test opens and shuts. Each connection is served on a thread of its own.
final class LoopbackListener: Sendable {
  let port: Int
  private let serve: @Sendable (LoopbackLine) -> Void
  private let state: Mutex<State>
  private let bell: Bell

  private struct State {
    /// Bound at all times, so that nobody else gets the port; it listens if `isListening`.
    var descriptor: Int32
    var isListening = false
    var lines: [Int: LoopbackLine] = [:]
    var count = 0
  }

  /// - Parameter bell: rings whenever a connection has ended.
  init(bell: Bell, serve: @escaping @Sendable (LoopbackLine) -> Void) throws {
    let (descriptor, port) = try Self.bound(port: 0)
    self.port = port
    self.serve = serve
    self.bell = bell
    state = Mutex(State(descriptor: descriptor))
  }

  /// Connections are taken from now on.
  func open() {
    let descriptor = state.withLock { state -> Int32? in
      guard !state.isListening, listen(state.descriptor, 128) == 0 else { return nil }
      state.isListening = true
      return state.descriptor
    }
    guard let descriptor else { return }
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        if connection < 0 { break }
        begin(LoopbackLine(descriptor: connection))
      }
      Glibc.close(descriptor)
    }
  }

  /// Connections are refused from now on, and those that stand are hung up. Returns once every client has hung up, too.
  func shut() async throws {
    let (descriptor, lines) = state.withLock { state in
      defer { state.isListening = false }
      return (state.isListening ? state.descriptor : nil, Array(state.lines.values))
    }
    if let descriptor {
      shutdown(descriptor, Int32(SHUT_RDWR))  // the thread that accepts closes it
      let rebound = try Self.bound(port: port).descriptor
      state.withLock { $0.descriptor = rebound }
    }
    for line in lines { line.hangUp() }
    await bell.waits { state.withLock { $0.lines.isEmpty } }
  }

  /// For good.
  func end() {
    state.withLock { state in
      if state.isListening { shutdown(state.descriptor, Int32(SHUT_RDWR)) } else { Glibc.close(state.descriptor) }
      for line in state.lines.values { line.hangUp() }
    }
  }

  private func begin(_ line: LoopbackLine) {
    let number = state.withLock { state in
      state.count += 1
      state.lines[state.count] = line
      return state.count
    }
    Thread.detachNewThread { [self] in
      serve(line)
      line.close()
      state.withLock { $0.lines[number] = nil }
      bell.ring()
    }
  }

  private static func bound(port: Int) throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var reuse: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard descriptor >= 0, isBound else { throw POSIXError(.EADDRNOTAVAIL) }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }
}

/// One connection, as a server sees it.
final class LoopbackLine: Sendable {
  private let descriptor: Int32
  private let state = Mutex((isClosed: false, received: [UInt8]()))

  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// What the client says next, up to and including `mark`; nil if it hung up before.
  func read(through mark: String) -> [UInt8]? {
    let mark = Array(mark.utf8)
    while true {
      let found = state.withLock { state -> [UInt8]? in
        guard let range = state.received.firstRange(of: mark) else { return nil }
        defer { state.received.removeFirst(range.upperBound) }
        return Array(state.received[..<range.upperBound])
      }
      if let found { return found }
      guard receive() else { return nil }
    }
  }

  func read(_ count: Int) -> [UInt8]? {
    while true {
      let found = state.withLock { state -> [UInt8]? in
        guard state.received.count >= count else { return nil }
        defer { state.received.removeFirst(count) }
        return Array(state.received[..<count])
      }
      if let found { return found }
      guard receive() else { return nil }
    }
  }

  /// The first byte, which stays where it is; nil if the client hung up.
  func peek() -> UInt8? {
    while true {
      if let first = state.withLock({ $0.received.first }) { return first }
      guard receive() else { return nil }
    }
  }

  /// - Parameter piece: how many bytes go out at once.
  func write(_ bytes: [UInt8], piece: Int = .max) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = rest.prefix(piece)
      let count = part.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count <= 0 { return }  // the client has gone
      rest = rest.dropFirst(count)
    }
  }

  /// Returns once the client has hung up.
  func waitForEnd() {
    while receive() {}
  }

  /// Says that nothing more will be said, and hears nothing more; what waits for the client to speak returns.
  func hangUp() {
    state.withLock { if !$0.isClosed { _ = shutdown(descriptor, Int32(SHUT_WR)) } }
  }

  /// Closes without goodbye: the client gets a reset.
  func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    close()
  }

  func close() {
    state.withLock { state in
      if !state.isClosed { Glibc.close(descriptor) }
      state.isClosed = true
    }
  }

  private func receive() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return false }
    state.withLock { $0.received.append(contentsOf: buffer[..<count]) }
    return true
  }
}
