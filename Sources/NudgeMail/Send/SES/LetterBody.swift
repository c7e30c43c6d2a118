import NIOCore
import Synchronization

/// The body of a request that knows how far it has gone.
///
/// AsyncHTTPClient pulls a body only when the connection stands and the request's head has been written on it, and never
/// a second time. So as long as the last piece has not been pulled, the server surely lacks it, and cannot have taken
/// the letter. And before the first piece is pulled there is time to take the letter back: a head alone sends nothing.
struct LetterBody: AsyncSequence, Sendable {
  /// How much is written at once: bytes.
  private static let pieceLength = 64 * 1_024

  /// The letter was taken back before any of it left.
  struct Withdrawn: Error {}

  final class Progress: Sendable {
    fileprivate let state = Mutex((isBegun: false, isWhole: false, isWithdrawn: false))

    /// The connection stood, and the first byte may have left.
    var isBegun: Bool { state.withLock { $0.isBegun } }
    /// The last byte may have left.
    var isWhole: Bool { state.withLock { $0.isWhole } }
    /// The letter was taken back: no byte has left, and none will.
    var isWithdrawn: Bool { state.withLock { $0.isWithdrawn } }
  }

  let progress = Progress()
  private let bytes: ByteBuffer

  private let mayLeave: @Sendable () -> Bool

  /// - Parameter mayLeave: is asked once, before the first piece is given away.
  init(_ bytes: [UInt8], mayLeave: @escaping @Sendable () -> Bool) {
    self.mayLeave = mayLeave
    self.bytes = ByteBuffer(bytes: bytes)
  }

  func makeAsyncIterator() -> Iterator { Iterator(rest: bytes, progress: progress, mayLeave: mayLeave) }

  struct Iterator: AsyncIteratorProtocol {
    fileprivate var rest: ByteBuffer
    fileprivate let progress: Progress
    fileprivate let mayLeave: @Sendable () -> Bool

    mutating func next() async throws(Withdrawn) -> ByteBuffer? {
      guard progress.isBegun || mayLeave() else {
        progress.state.withLock { $0.isWithdrawn = true }
        throw Withdrawn()
      }
      guard let piece = rest.readSlice(length: Swift.min(rest.readableBytes, pieceLength)), piece.readableBytes > 0
      else {
        return nil
      }
      let isWhole = rest.readableBytes == 0
      progress.state.withLock { $0 = (isBegun: true, isWhole: isWhole, isWithdrawn: false) }
      return piece
    }
  }
}
