import NudgeAPI

/// Random JSON, the same for the same seed.
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  // MARK: Values

  mutating func json(depth: Int) -> JSON {
    switch below(depth > 0 ? 8 : 5) {
    case 0: return .null
    case 1: return .bool(below(2) == 0)
    case 2: return .number(number())
    case 3, 4: return .string(string())
    case 5: return .array((0..<below(4)).map { _ in json(depth: depth - 1) })
    default:
      let names = Set((0..<below(5)).map { _ in Array(string().utf8) }).sorted { $0.lexicographicallyPrecedes($1) }
      return .object(names.map { JSON.Member(String(decoding: $0, as: UTF8.self), json(depth: depth - 1)) })
    }
  }

  mutating func number() -> String {
    var literal = below(2) == 0 ? "" : "-"
    literal += below(3) == 0 ? "0" : "\(1 + below(9))" + (0..<below(20)).map { _ in "\(below(10))" }.joined()
    if below(3) == 0 { literal += "." + (0...below(5)).map { _ in "\(below(10))" }.joined() }
    if below(4) == 0 { literal += ["e", "E", "e+", "E-"][below(4)] + "\(below(400))" }
    return literal
  }

  mutating func string() -> String {
    let alphabet: [Unicode.Scalar] = [
      "a", "b", "Z", "0", " ", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "\u{7F}", "\u{85}", "é", "ß", "\u{301}", "日",
      "\u{2028}", "\u{FEFF}", "😀", "\u{10FFFF}", "\u{FFFF}", "{", "]", ":", ",",
    ]
    var text = ""
    for _ in 0..<below(12) { text.unicodeScalars.append(alphabet[below(alphabet.count)]) }
    return text
  }

  // MARK: Documents

  /// A valid document with white space and escapes where they may be.
  mutating func document(depth: Int) -> [UInt8] { Array(text(of: json(depth: depth)).utf8) }

  private mutating func text(of json: JSON) -> String {
    let bare: String =
      switch json {
      case .null, .bool, .number: json.text
      case .string(let value): escaped(value)
      case .array(let values): "[" + space() + values.map { text(of: $0) }.joined(separator: ",") + "]"
      case .object(let members):
        "{" + space()
          + members.map { escaped($0.name) + space() + ":" + text(of: $0.value) }.joined(separator: "," + space()) + "}"
      }
    return space() + bare + space()
  }

  private mutating func space() -> String { ["", "", "", " ", "\n", "\t", "\r\n"][below(7)] }

  private mutating func escaped(_ value: String) -> String {
    guard below(3) == 0 else { return JSON.string(value).text }
    let units = value.utf16.map { unit -> String in
      let digits = String(unit, radix: 16, uppercase: below(2) == 0)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
    return "\"" + units.joined() + "\""
  }

  /// The document with some bytes changed, removed, doubled or cut off.
  mutating func mutated(_ document: [UInt8]) -> [UInt8] {
    var bytes = document
    guard !bytes.isEmpty else { return [UInt8(below(256))] }
    let hostile = Array("{}[]\",:\\u0019.eE+-tfn /'".utf8) + [0x00, 0x1F, 0x80, 0xC3, 0xED, 0xFF, 0x0A, 0x20]
    switch below(5) {
    case 0: bytes.remove(at: below(bytes.count))
    case 1: bytes[below(bytes.count)] = hostile[below(hostile.count)]
    case 2: bytes.insert(hostile[below(hostile.count)], at: below(bytes.count + 1))
    case 3: bytes.removeLast(below(min(bytes.count, 4) + 1))
    default:
      let start = below(bytes.count)
      bytes.insert(contentsOf: bytes[start..<min(start + 1 + below(6), bytes.count)], at: start)
    }
    return bytes
  }
}
