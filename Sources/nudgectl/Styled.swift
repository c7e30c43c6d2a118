/// Text for people. What is interpolated is data: terminal control characters in it are made visible, so that nobody's
/// name moves the cursor.
struct Styled: ExpressibleByStringInterpolation, Sendable {
  enum Style: String, Sendable {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
  }

  fileprivate struct Piece {
    var text: String
    var style: Style
  }

  private var pieces: [Piece]

  init(stringLiteral value: String) {
    pieces = [Piece(text: value, style: .plain)]
  }

  init(stringInterpolation: StringInterpolation) {
    pieces = stringInterpolation.pieces
  }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var pieces: [Piece] = []

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) {
      pieces.append(Piece(text: literal, style: .plain))
    }

    mutating func appendInterpolation(_ data: String, _ style: Style = .plain) {
      pieces.append(Piece(text: Visible.text(data), style: style))
    }

    mutating func appendInterpolation(_ number: Int, _ style: Style = .plain) {
      pieces.append(Piece(text: String(number), style: style))
    }

    mutating func appendInterpolation(_ text: Styled) {
      pieces += text.pieces
    }

    mutating func appendInterpolation(_ text: Styled, _ style: Style) {
      pieces += text.pieces.map { Piece(text: $0.text, style: $0.style == .plain ? style : $0.style) }
    }
  }

  /// Without styles.
  var text: String { pieces.map(\.text).joined() }

  /// The beginning of it, if it takes more columns of a terminal than that.
  func cut(to columns: Int) -> Styled {
    guard width > columns else { return self }
    var left = columns - 1
    var cut: Styled = ""
    for piece in pieces where left > 0 {
      let text = Wrapping.cut(piece.text[...], columns: left)
      left = text.count == piece.text.count ? left - DisplayWidth.of(piece.text) : 0
      cut.pieces.append(Piece(text: String(text), style: piece.style))
    }
    return "\(cut)…"
  }

  /// Columns of a terminal.
  var width: Int { DisplayWidth.of(text) }

  func rendered(inColor: Bool) -> String {
    guard inColor else { return text }
    return pieces.map { piece in
      piece.style == .plain || piece.text.isEmpty ? piece.text : "\u{1B}[\(piece.style.rawValue)m\(piece.text)\u{1B}[0m"
    }.joined()
  }
}
