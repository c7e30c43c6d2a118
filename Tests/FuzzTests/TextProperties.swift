import NIOCore

@testable import NudgeAPI
@testable import NudgeDaemon

// What comes over the socket and out of the configuration.

/// What is read and written again reads as the same; neither way changes a byte more.
func checkJSON(_ input: [UInt8]) throws(Broken) {
  guard let value = try? JSON(parsing: input) else { return }
  try require(String(validating: input, as: UTF8.self) != nil, "JSON that is not UTF-8 was read")
  let written = value.bytes
  guard let again = try? JSON(parsing: written) else { throw Broken(description: "what was written cannot be read") }
  try require(again == value && again.bytes == written, "JSON changed on the way out and in")
  try require(value.sorted.sorted.bytes == value.sorted.bytes, "sorting twice is not sorting once")
}

/// An event that is taken says the same when it is written and read, and is within its limits.
func checkEvent(_ input: [UInt8]) throws(Broken) {
  let now = Timestamp(milliseconds: 1_800_000_000_000)
  guard let event = try? Event(line: input, now: now) else { return }
  guard let again = try? Event(line: event.json.bytes, now: now) else {
    throw Broken(description: "an event that was taken is refused when it is written again")
  }
  try require(again == event, "an event changed on the way out and in")
  switch event {
  case .checkout(let event):
    try checkTaken(address: event.email)
    try require(!event.checkoutID.isEmpty && event.checkoutID.utf8.count <= Limits.identifierBytes, "a checkout's id")
    try require((try? JSON(parsing: event.content)) != nil, "the stored cart is not JSON")
  case .order(let event):
    if let email = event.email { try checkTaken(address: email) }
    try require(!event.orderID.isEmpty && event.orderID.utf8.count <= Limits.identifierBytes, "an order's id")
    try require((try? JSON(parsing: event.content)) != nil, "the stored order is not JSON")
  }
}

/// However the stream is cut into parts, the lines are those that splitting all of it at once gives. The first byte says
/// how it is cut.
func checkLines(_ input: [UInt8]) throws(Broken) {
  let limit = 16
  let size = Int(input.first ?? 0) % 23 + 1
  let stream = Array(input.dropFirst())
  var splitter = LineSplitter(limit: limit)
  var lines: [LineSplitter.Line] = []
  var rest = stream[...]
  while !rest.isEmpty {
    lines += splitter.feed(ByteBuffer(bytes: rest.prefix(size)))
    rest = rest.dropFirst(size)
  }
  if let last = splitter.finish() { lines.append(last) }
  try require(lines == simpleLines(stream, limit: limit), "cut into \(size) bytes, the lines are others")
}

private func simpleLines(_ stream: [UInt8], limit: Int) -> [LineSplitter.Line] {
  var parts = stream.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  if parts.last?.isEmpty == true { parts.removeLast() }
  return parts.map { part in
    let line = part.last == UInt8(ascii: "\r") ? part.dropLast() : part
    return line.count > limit ? .tooLong : .text(ByteBuffer(bytes: line))
  }
}

/// A duration that is understood is within its limit, and its shortest text is understood as the same.
func checkDuration(_ input: [UInt8]) throws(Broken) {
  let text = String(decoding: input, as: UTF8.self)
  guard let duration = DurationText.parse(text) else { return }
  try require(duration >= .zero && duration <= DurationText.longest, "\(text) is \(duration)")
  let shortest = DurationText.text(of: duration)
  try require(DurationText.parse(shortest) == duration, "\(text) is written as \(shortest), which is another")
  try require(text.utf8.allSatisfy { $0 < 0x80 }, "\(text) was taken")
}

/// A time that is understood is written as one that is understood as the same.
func checkTimestamp(_ input: [UInt8]) throws(Broken) {
  let text = String(decoding: input, as: UTF8.self)
  guard let time = Timestamp(rfc3339: text) else { return }
  try require(Timestamp(rfc3339: time.rfc3339) == time, "\(text) is written as \(time.rfc3339), which is another")
}

/// A query names known parameters only, each once; a page and its beginning are within bounds.
func checkQuery(_ input: [UInt8]) throws(Broken) {
  let text = String(decoding: input, as: UTF8.self)
  let known = ["limit", "after", "shop", "state"]
  guard let query = try? Query(text[...], known: known) else { return }
  for name in known { try require(query[name]?.isEmpty != true, "\(name) is empty") }
  if let limit = try? query.limit() { try require((1...Limits.pageSize).contains(limit), "a page of \(limit)") }
  if let after = try? query.after() { try require(after >= 0, "a page after \(after)") }
}
