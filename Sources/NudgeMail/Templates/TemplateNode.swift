/// A value as it is reached from a template.
enum TemplateNode: Sendable {
  /// Null, and what is not there.
  case nothing
  case bool(Bool)
  /// Text, or a number in its digits.
  case text(String)
  case list([TemplateNode])
  case object([String: TemplateNode])
  case fields(MailFields)
  /// Stands for any value, whatever a template may ask of it: metadata, in a check without an event.
  case anything

  init(_ value: TemplateValue) {
    self =
      switch value {
      case .null: .nothing
      case .bool(let bool): .bool(bool)
      case .number(let digits): .text(digits)
      case .string(let text): .text(text)
      case .array(let elements): .list(elements.map(TemplateNode.init))
      // Of two with the same name the later one.
      case .object(let members): .object(Dictionary(members.map { ($0.name, TemplateNode($0.value)) }) { $1 })
      }
  }

  func member(_ key: TemplateKey) -> TemplateNode? {
    switch self {
    case .fields(let fields): key.variable.flatMap { fields[$0] }
    case .object(let members): members[key.text]
    case .anything: .anything
    default: nil
    }
  }

  /// False for what a section is passed over for: nothing, false, the empty text and the empty list.
  var isTrue: Bool {
    switch self {
    case .nothing: false
    case .bool(let bool): bool
    case .text(let text): !text.isEmpty
    case .list(let elements): !elements.isEmpty
    case .object, .fields, .anything: true
    }
  }

  /// What a variable shows; nil if this is no single value.
  var shown: String? {
    switch self {
    case .bool(let bool): bool ? "true" : "false"
    case .text(let text): text
    case .anything: "anything"
    case .nothing, .list, .object, .fields: nil
    }
  }
}
