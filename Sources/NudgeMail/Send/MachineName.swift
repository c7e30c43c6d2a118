import Glibc

/// What the machine calls itself.
enum MachineName {
  /// As gethostname(2) has it; nil if it has none.
  static let own: String? = {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return nil }
    let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return text.isEmpty ? nil : text
  }()

  /// The name, if others could find the machine by it: it has a domain, and is made of what names are made of.
  static let qualified: String? = own.flatMap { name in
    name.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9.-]*)\.[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*/) == nil ? nil : name
  }
}
