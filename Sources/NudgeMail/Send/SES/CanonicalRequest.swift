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
    var segments: [Substring] = []
    for segment in path.split(separator: "/") where segment != "." {
      if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
    }
    let joined = segments.map { escaped(String($0)) }.joined(separator: "/")
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
    var values: [String: [String]] = [:]
    for field in fields { values[field.name.lowercased(), default: []].append(singleSpaced(field.value)) }
    return values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value.joined(separator: ",")) }
  }

  private static func singleSpaced(_ value: String) -> String {
    value.unicodeScalars.split { " \t\r\n".unicodeScalars.contains($0) }.map(String.init).joined(separator: " ")
  }
}

/// `text` with every byte escaped that RFC 3986 does not call unreserved.
func escaped(_ text: String) -> String {
  var escaped = ""
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
      UInt8(ascii: "~"):
      escaped.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      escaped += "%" + hexadecimal(CollectionOfOne(byte)).uppercased()
    }
  }
  return escaped
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  func digit(_ value: UInt8) -> UInt8 { value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10) }
  var text: [UInt8] = []
  for byte in bytes { text += [digit(byte >> 4), digit(byte & 0xf)] }
  return String(decoding: text, as: UTF8.self)
}
