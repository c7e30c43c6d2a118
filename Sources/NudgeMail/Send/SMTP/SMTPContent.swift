extension Letter {
  /// The mail as it follows `DATA`, without the final dot: a line that begins with a dot gets a second one, the last line
  /// an end.
  var contentForSMTP: [UInt8] {
    let (dot, carriageReturn, lineFeed) = (UInt8(ascii: "."), UInt8(ascii: "\r"), UInt8(ascii: "\n"))
    var content: [UInt8] = []
    content.reserveCapacity(bytes.count + bytes.count / 64)
    var isAtLineStart = true
    for byte in bytes {
      if byte == dot, isAtLineStart { content.append(dot) }
      if byte == lineFeed, content.last != carriageReturn { content.append(carriageReturn) }
      content.append(byte)
      isAtLineStart = byte == lineFeed
    }
    if !isAtLineStart { content += [carriageReturn, lineFeed] }
    return content
  }

  /// The mail's size as RFC 1870 counts it: with the last line's end, without what is added on the way.
  var sizeForSMTP: Int { bytes.last == UInt8(ascii: "\n") ? bytes.count : bytes.count + 2 }

  var hasEightBits: Bool { bytes.contains { $0 > 127 } }
}
