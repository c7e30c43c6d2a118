/// RFC 4648, section 4.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let padding = UInt8(ascii: "=")
  /// For each twelve bits their two letters, the first in the lower byte: two looks for three bytes.
  private static let pairs = alphabet.flatMap { first in alphabet.map { UInt16(first) | UInt16($0) << 8 } }

  /// How long so many bytes become.
  static func length(of count: Int) -> Int { (count + 2) / 3 * 4 }

  static func write(_ bytes: [UInt8], to text: inout [UInt8]) {
    text.append(addingCapacity: length(of: bytes.count)) { span in
      span.withUnsafeMutableBufferPointer { room, count in
        bytes.withUnsafeBufferPointer { encode($0, to: room.baseAddress! + count) }
        count += length(of: bytes.count)
      }
    }
  }

  private static func encode(_ bytes: UnsafeBufferPointer<UInt8>, to text: UnsafeMutablePointer<UInt8>) {
    let output = UnsafeMutableRawPointer(text)
    let whole = bytes.count / 3
    pairs.withUnsafeBufferPointer { pairs in
      for group in 0..<whole {
        let bits = Int(bytes[3 * group]) << 16 | Int(bytes[3 * group + 1]) << 8 | Int(bytes[3 * group + 2])
        let letters = UInt32(pairs[bits >> 12]) | UInt32(pairs[bits & 0xFFF]) << 16
        output.storeBytes(of: letters.littleEndian, toByteOffset: 4 * group, as: UInt32.self)
      }
    }
    if 3 * whole < bytes.count { encodeRest(bytes[(3 * whole)...], to: text + 4 * whole) }
  }

  /// The last one or two bytes.
  private static func encodeRest(_ rest: Slice<UnsafeBufferPointer<UInt8>>, to text: UnsafeMutablePointer<UInt8>) {
    let bits = Int(rest[rest.startIndex]) << 16 | (rest.count > 1 ? Int(rest[rest.startIndex + 1]) << 8 : 0)
    text[0] = alphabet[bits >> 18]
    text[1] = alphabet[bits >> 12 & 0x3F]
    text[2] = rest.count > 1 ? alphabet[bits >> 6 & 0x3F] : padding
    text[3] = padding
  }
}
