/// Eight bytes of a text, looked at together. Most of a mail is text that nothing has to be done to; to see that byte by
/// byte takes six times as many instructions.
struct EightBytes {
  /// How many they are.
  static let count = 8
  private static let each: UInt64 = 0x0101_0101_0101_0101
  private static let highBits = each &* 0x80

  /// The first byte is the lowest.
  let word: UInt64

  /// Those at `bytes`, all of which have to be there.
  init(at bytes: UnsafePointer<UInt8>) {
    word = UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
  }

  /// Marks for the bytes below `bound`, which is at most 0x80.
  func marks(below bound: UInt8) -> Marks { Marks(Self.marks(in: word, below: bound)) }

  /// Marks for the bytes from `bound` on, which is at least 0x01 and at most 0x80.
  func marks(from bound: UInt8) -> Marks {
    Marks(((word &+ Self.each &* UInt64(0x80 - bound)) | word) & Self.highBits)
  }

  /// Marks for the bytes that are `byte`.
  func marks(of byte: UInt8) -> Marks { Marks(Self.marks(in: word ^ (Self.each &* UInt64(byte)), below: 1)) }

  private static func marks(in word: UInt64, below bound: UInt8) -> UInt64 {
    (word &- each &* UInt64(bound)) & ~word & highBits
  }

  /// Which of the bytes are meant. Sure up to the first of them: a sum carries from that one into the next.
  struct Marks {
    private let bits: UInt64

    fileprivate init(_ bits: UInt64) { self.bits = bits }

    static func | (one: Marks, other: Marks) -> Marks { Marks(one.bits | other.bits) }

    var isEmpty: Bool { bits == 0 }

    /// How many bytes come before the first that is meant.
    var leading: Int { bits.trailingZeroBitCount / 8 }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Where the first byte from `start` on is that is meant. Only bytes below `bound` are asked about.
  func firstIndex(from start: Int, below bound: UInt8, where isMeant: (UInt8) -> Bool) -> Int? {
    var index = start
    while index < count {
      if index + EightBytes.count <= count {
        let leading = EightBytes(at: baseAddress! + index).marks(below: bound).leading
        index += leading
        if leading == EightBytes.count { continue }
      }
      if self[index] < bound, isMeant(self[index]) { return index }
      index += 1
    }
    return nil
  }
}
