import Crypto

/// A request in the one form that both ends sign, however it looked on the wire.
struct CanonicalRequest: Hashable, Sendable {
  let text: String
  /// The names of the headers that are signed, sorted, with `;` between them.
  let signedHeaders: String

  init(_ request: SigV4.Request) {
    let headers = Self.headers(request.headers)
    signedHeaders = headers.map(\.name).joined(separator: ";")
    text = [
      request.method,
      Self.path(request.path),
      Self.query(request.query),
      headers.map { "\($0.name):\($0.value)\n" }.joined(),
      signedHeaders,
      hexadecimal(SHA256.hash(data: request.body)),
    ].joined(separator: "\n")
  }

  /// The path without `.`, `..` and repeated slashes, each byte escaped that needs it, an escape's `%` too.
  private static func path(_ path: String) -> String {
    var segments: [String] = []
    for segment in path.utf8.split(separator: UInt8(ascii: "/")).map({ String(Substring($0)) }) where segment != "." {
      if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
    }
    let joined = segments.map(escaped).joined(separator: "/")
    return "/" + joined + (path.hasSuffix("/") && !segments.isEmpty ? "/" : "")
  }

  private static func query(_ query: [SigV4.Request.Field]) -> String {
    query.map { (escaped($0.name), escaped($0.value)) }
      .sorted { $0 < $1 }
      .map { "\($0.0)=\($0.1)" }
      .joined(separator: "&")
  }

  /// Names in lower case and sorted; values of one name in the order of the request, with single spaces.
  private static func headers(_ fields: [SigV4.Request.Field]) -> [(name: String, value: String)] {
    let named = fields.enumerated().map { (name: $1.name.lowercased(), value: singleSpaced($1.value), place: $0) }
    return named.sorted { ($0.name, $0.place) < ($1.name, $1.place) }.reduce(into: []) { headers, field in
      if headers.last?.name == field.name {
        headers[headers.count - 1].value += ",\(field.value)"
      } else {
        headers.append((field.name, field.value))
      }
    }
  }

  private static func singleSpaced(_ value: String) -> String {
    if value.utf8.allSatisfy({ $0 > UInt8(ascii: " ") }) { return value }
    return value.unicodeScalars.split { " \t\r\n".unicodeScalars.contains($0) }.map(String.init).joined(separator: " ")
  }
}

/// `text` with every byte escaped that RFC 3986 does not call unreserved.
func escaped(_ text: String) -> String {
  if text.utf8.allSatisfy(isUnreserved) { return text }
  var escaped = ""
  for byte in text.utf8 {
    if isUnreserved(byte) {
      escaped.unicodeScalars.append(Unicode.Scalar(byte))
    } else {
      escaped += "%" + hexadecimal(CollectionOfOne(byte)).uppercased()
    }
  }
  return escaped
}

private func isUnreserved(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
  case UInt8(ascii: "0")...UInt8(ascii: "9"): true
  case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"): true
  default: false
  }
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  func digit(_ value: UInt8) -> UInt8 { value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10) }
  var text: [UInt8] = []
  text.reserveCapacity(2 * bytes.underestimatedCount)
  for byte in bytes {
    text.append(digit(byte >> 4))
    text.append(digit(byte & 0xf))
  }
  return String(decoding: text, as: UTF8.self)
}
