/// Prometheus' text format, version 0.0.4.
struct MetricsText: Sendable {
  enum Kind: String, Sendable {
    case counter
    case gauge
  }

  private(set) var text = ""
  private var name = ""

  /// Begins a family: the samples that follow are its.
  mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  mutating func sample(_ labels: KeyValuePairs<String, String>, _ value: Int) {
    sample(labels, String(value))
  }

  /// A time, as the format wants it: in seconds.
  mutating func sample(_ labels: KeyValuePairs<String, String>, seconds milliseconds: Int64) {
    let fraction = String(abs(milliseconds % 1_000) + 1_000).dropFirst()
    sample(labels, "\(milliseconds < 0 ? "-" : "")\(abs(milliseconds / 1_000)).\(fraction)")
  }

  private mutating func sample(_ labels: KeyValuePairs<String, String>, _ value: String) {
    let list = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
    text += name + (list.isEmpty ? "" : "{\(list)}") + " \(value)\n"
  }

  private static func escaped(_ value: String) -> String {
    value.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : $0 == "\n" ? "\\n" : String($0) }.joined()
  }
}
