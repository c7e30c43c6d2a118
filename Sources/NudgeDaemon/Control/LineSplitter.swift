import Glibc
import NIOCore

/// Cuts a stream of bytes into lines, whatever the sizes of its parts. Remembers one unfinished line at most.
struct LineSplitter {
  enum Line: Hashable {
    /// Without its end.
    case text(ByteBuffer)
    /// Longer than the limit; its bytes are forgotten.
    case tooLong
  }

  private let limit: Int
  private var unfinished = ByteBuffer()
  /// How much of `unfinished` holds no line end.
  private var searched = 0
  /// The rest of this line is not wanted.
  private var isSkipping = false

  /// - Parameter limit: the longest line, in bytes, without its end.
  init(limit: Int) {
    self.limit = limit
  }

  /// The lines that this part of the stream finishes.
  mutating func feed(_ part: ByteBuffer) -> [Line] {
    if unfinished.readableBytes == 0 { unfinished = part } else { unfinished.writeImmutableBuffer(part) }
    var lines: [Line] = []
    while let line = next() { lines.append(line) }
    unfinished.discardReadBytes()
    return lines
  }

  /// The last line, if the stream ended without a line end.
  mutating func finish() -> Line? {
    if isSkipping { return .tooLong }
    defer { unfinished.clear() }
    return unfinished.readableBytes == 0 ? nil : cut(unfinished)
  }

  private mutating func next() -> Line? {
    guard let length = lengthOfLine() else {
      searched = unfinished.readableBytes
      if searched > limit + 1 { forget() }
      return nil
    }
    let line = unfinished.readSlice(length: length)
    unfinished.moveReaderIndex(forwardBy: 1)
    searched = 0
    guard let line, !isSkipping else {
      isSkipping = false
      return .tooLong
    }
    return cut(line)
  }

  /// Without its end; nil if that has not come yet.
  private func lengthOfLine() -> Int? {
    unfinished.withUnsafeReadableBytes { bytes in
      guard searched < bytes.count, let start = bytes.baseAddress,
        let end = memchr(start + searched, Int32(UInt8(ascii: "\n")), bytes.count - searched)
      else { return nil }
      return UnsafeRawPointer(end) - start
    }
  }

  /// Drops what has come of a line that is too long already; the one byte more is for a carriage return.
  private mutating func forget() {
    unfinished.clear()
    searched = 0
    isSkipping = true
  }

  private func cut(_ line: ByteBuffer) -> Line {
    var line = line
    if line.readableBytesView.last == UInt8(ascii: "\r") { line.moveWriterIndex(to: line.writerIndex - 1) }
    return line.readableBytes > limit ? .tooLong : .text(line)
  }
}
