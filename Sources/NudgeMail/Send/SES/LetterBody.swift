import NIOCore
import Synchronization

/// The body of a request that knows how far it has gone.
///
/// AsyncHTTPClient pulls a body only when the connection stands and the request's head has been written on it, and never
/// a second time. So as long as the last piece has not been pulled, the server surely lacks it, and cannot have taken
/// the letter.
struct LetterBody: AsyncSequence, Sendable {
  /// How much is written at once: bytes.
  private static let pieceLength = 64 * 1_024

  final class Progress: Sendable {
    fileprivate let state = Mutex((isBegun: false, isWhole: false))

    /// The connection stood, and the first byte may have left.
    var isBegun: Bool { state.withLock { $0.isBegun } }
    /// The last byte may have left.
    var isWhole: Bool { state.withLock { $0.isWhole } }
  }

  let progress = Progress()
  private let bytes: ByteBuffer

  init(_ bytes: [UInt8]) {
    self.bytes = ByteBuffer(bytes: bytes)
  }

  func makeAsyncIterator() -> Iterator { Iterator(rest: bytes, progress: progress) }

  struct Iterator: AsyncIteratorProtocol {
    fileprivate var rest: ByteBuffer
    fileprivate let progress: Progress

    mutating func next() async -> ByteBuffer? {
      guard let piece = rest.readSlice(length: Swift.min(rest.readableBytes, pieceLength)), piece.readableBytes > 0
      else {
        return nil
      }
      let isWhole = rest.readableBytes == 0
      progress.state.withLock { $0 = (isBegun: true, isWhole: isWhole) }
      return piece
    }
  }
}
