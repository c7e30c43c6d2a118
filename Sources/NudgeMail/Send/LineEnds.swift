extension Letter {
  /// The mail with LF line ends, as files and programs of a Unix machine have it.
  var bytesWithLineFeeds: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    for byte in bytes {
      if byte == UInt8(ascii: "\n"), result.last == UInt8(ascii: "\r") { result.removeLast() }
      result.append(byte)
    }
    return result
  }
}
