/// A JSON value as templates see it. Numbers are kept digit for digit, members in their order.
package enum TemplateValue: Hashable, Sendable {
  package struct Member: Hashable, Sendable {
    package var name: String
    package var value: TemplateValue

    package init(name: String, value: TemplateValue) {
      self.name = name
      self.value = value
    }
  }

  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([TemplateValue])
  case object([Member])

  /// The member of that name; nil if there is none, or if this is no object.
  package subscript(name: String) -> TemplateValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }
}
