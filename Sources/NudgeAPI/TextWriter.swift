/// Text that is put together byte by byte, in UTF-8.
///
/// It has memory of its own. An array asks at every append whether somebody else has it too, and a string whether what is
/// appended is Unicode: for the few bytes between two values both take many times as long as writing them.
package struct TextWriter: ~Copyable {
  private var start: UnsafeMutableRawPointer
  private var capacity: Int
  private(set) var count = 0

  /// Room for what one event or its answer usually is, in bytes.
  private static let usualBytes = 512

  package init() {
    capacity = Self.usualBytes
    start = .allocate(byteCount: capacity, alignment: 1)
  }

  deinit { start.deallocate() }

  /// Lends what has been written so far.
  package borrowing func withBytes<T>(_ body: (UnsafeRawBufferPointer) -> T) -> T {
    body(UnsafeRawBufferPointer(start: start, count: count))
  }

  package var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }

  /// The byte that was written last; nil at the beginning.
  var last: UInt8? { count == 0 ? nil : start.load(fromByteOffset: count - 1, as: UInt8.self) }

  // MARK: Writing

  package mutating func write(_ byte: UInt8) {
    append(1) { $0.storeBytes(of: byte, as: UInt8.self) }
  }

  package mutating func write(_ bytes: UnsafeRawBufferPointer) {
    append(bytes.count) { $0.copy(bytes) }
  }

  package mutating func write(_ text: String) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  /// - Parameter digits: how many there are at least, with zeros in front.
  package mutating func write(_ number: Int, digits: Int = 1) {
    if number < 0 { write(UInt8(ascii: "-")) }
    var rest = UInt64(number.magnitude)
    var (length, power) = (digits, Self.power(digits))
    while length < Self.mostDigits, rest >= power {
      length += 1
      power = power &* 10
    }
    append(length) { place in
      for index in (0..<length).reversed() {
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        place.storeBytes(of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit), toByteOffset: index, as: UInt8.self)
        rest = quotient
      }
    }
  }

  /// Of a number of 64 bits without its sign.
  private static let mostDigits = 19

  private static func power(_ exponent: Int) -> UInt64 {
    var power: UInt64 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
  }

  /// - Parameter fill: is to write exactly so many bytes.
  @inline(__always)
  mutating func append(_ more: Int, _ fill: (UnsafeMutableRawPointer) -> Void) {
    if count + more > capacity { grow(more) }
    fill(start + count)
    count += more
  }

  private mutating func grow(_ more: Int) {
    capacity = max(2 * capacity, count + more)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 1)
    larger.copyMemory(from: start, byteCount: count)
    start.deallocate()
    start = larger
  }
}

extension UnsafeMutableRawPointer {
  /// Writes those bytes here.
  func copy(_ bytes: UnsafeRawBufferPointer) {
    if let source = bytes.baseAddress { copyMemory(from: source, byteCount: bytes.count) }
  }
}
