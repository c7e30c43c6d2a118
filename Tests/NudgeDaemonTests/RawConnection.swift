import Foundation
import NudgeAPI

/// A client that says exactly the bytes that the test wants said. Each call blocks a thread of its own.
final class RawConnection: @unchecked Sendable {
  enum Failure: Error {
    case cannotConnect(Int32)
    /// The server closed the connection where an answer should have been; what had come.
    case ended(String)
  }

  private let descriptor: Int32
  /// Touched by one call at a time.
  private var received: [UInt8] = []

  init(to path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = descriptor
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard connected == 0 else { throw Failure.cannotConnect(errno) }
  }

  deinit { close(descriptor) }

  func ask(
    _ method: String, _ target: String, _ body: String? = nil, type: String = "application/json",
    fields: [String: String] = [:]
  ) async throws -> RawAnswer {
    var head = "\(method) \(target) HTTP/1.1\r\nHost: nudged\r\n"
    if let body { head += "Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n" }
    for (name, value) in fields { head += "\(name): \(value)\r\n" }
    await send(head + "\r\n" + (body ?? ""))
    return try await answer(hasBody: method != "HEAD")
  }

  func send(_ text: String) async { await send(Array(text.utf8)) }

  /// Sends all; a server that has closed the connection meanwhile is not an error.
  func send(_ bytes: [UInt8]) async {
    await onThread {
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes {
          Foundation.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Says that nothing more will be sent.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Waits for the next whole answer.
  func answer(hasBody: Bool = true) async throws -> RawAnswer {
    let answer: Result<RawAnswer, Failure> = await onThread {
      while true {
        if let answer = RawAnswer(taking: &self.received, hasBody: hasBody) { return .success(answer) }
        guard self.receive() else { return .failure(.ended(String(decoding: self.received, as: UTF8.self))) }
      }
    }
    return try answer.get()
  }

  /// Waits until the server closes the connection; returns what came before.
  func end() async -> String {
    await onThread {
      while self.receive() {}
      return String(decoding: self.received, as: UTF8.self)
    }
  }

  /// Waits until the server has closed the connection, without reading what it wrote.
  func hangUp() async {
    await onThread {
      var entry = pollfd(fd: self.descriptor, events: 0, revents: 0)
      while poll(&entry, 1, -1) == 1, Int32(entry.revents) & Int32(POLLHUP) == 0 {}
    }
  }

  private func receive() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return false }
    received.append(contentsOf: buffer[..<count])
    return true
  }

  private func onThread<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: body()) }
    }
  }
}

/// What a server answered.
struct RawAnswer: Sendable {
  var status: Int
  /// By names in lower case.
  var fields: [String: String]
  var body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }
  var json: JSON { get throws { try JSON(parsing: body) } }

  /// The code of the problem, if this is one in every respect.
  var problem: Problem.Code? {
    guard fields["content-type"] == "application/problem+json", let json = try? json,
      let problem = try? Problem(json: json), problem.code.status == status, json["status"]?.integer == Int64(status),
      json["title"]?.string == problem.code.title, !problem.detail.isEmpty
    else { return nil }
    return problem.code
  }

  /// Nil if more has to come.
  fileprivate init?(taking received: inout [UInt8], hasBody: Bool) {
    guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    fields = [:]
    for line in lines.dropFirst() {
      let pair = line.split(separator: ":", maxSplits: 1)
      fields[pair[0].lowercased()] = pair[1].trimmingCharacters(in: .whitespaces)
    }
    status = Int(lines[0].split(separator: " ")[1]) ?? 0
    let count = hasBody ? Int(fields["content-length"] ?? "0") ?? 0 : 0
    guard received.count >= end.upperBound + count else { return nil }
    body = Array(received[end.upperBound..<end.upperBound + count])
    received.removeFirst(end.upperBound + count)
  }
}
