import Foundation
import Glibc
import NudgeAPI
import Synchronization

/// What a verb reads: a file, or standard input for "-".
struct Input: Sendable {
  let name: String
  private let descriptor: Int32
  /// Bytes; nil if nobody knows.
  let size: Int64?

  /// Opens it; if it cannot be read, the program ends with 66.
  init(_ path: String) throws(Failure) {
    name = path == "-" ? "standard input" : path
    descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(name, errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(name, errno) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw Self.failure(name, EISDIR) }
    size = status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil
  }

  /// All of it, but at most one byte more than an event may have: that is enough for the daemon to refuse it.
  func event() throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count <= Limits.eventBytes {
      let chunk: [UInt8]
      do { chunk = try read(atMost: Limits.eventBytes + 1 - bytes.count) } catch {
        throw Failure("\(error.reason)", exit: .noInput)
      }
      if chunk.isEmpty { break }
      bytes += chunk
    }
    return bytes
  }

  /// The next bytes; none at the end. Waits for them.
  func read(atMost count: Int) throws(InputError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var got = Glibc.read(descriptor, buffer.baseAddress, count)
      while got < 0 && errno == EINTR { got = Glibc.read(descriptor, buffer.baseAddress, count) }
      if got < 0 { failure = errno }
      initialized = max(got, 0)
    }
    if failure != 0 { throw InputError(reason: "cannot read \(name): \(String(cString: strerror(failure)))") }
    return bytes
  }

  func close() {
    if descriptor != STDIN_FILENO { _ = Glibc.close(descriptor) }
  }

  private static func failure(_ name: String, _ number: Int32) -> Failure {
    Failure("cannot read \(name): \(String(cString: strerror(number)))", exit: .noInput)
  }
}

/// An input in chunks, each read when it is asked for, on a thread that may wait.
struct InputChunks: AsyncSequence, Sendable {
  let input: Input
  /// Told how many bytes the daemon has taken or is about to.
  let progress: @Sendable (Int64) -> Void

  private static let chunkBytes = 1 << 16

  struct Iterator: AsyncIteratorProtocol {
    let chunks: InputChunks
    var total: Int64 = 0

    mutating func next() async throws -> [UInt8]? {
      chunks.progress(total)
      let input = chunks.input
      let bytes: [UInt8] = try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
          continuation.resume(with: Result { try input.read(atMost: InputChunks.chunkBytes) })
        }
      }
      total += Int64(bytes.count)
      return bytes.isEmpty ? nil : bytes
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(chunks: self) }
}
