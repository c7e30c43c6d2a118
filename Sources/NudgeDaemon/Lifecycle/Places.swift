/// Where nudged finds its configuration and keeps its things: flag, else environment, else default.
package struct Places: Hashable, Sendable {
  package static let standardConfiguration = "/etc/nudged/nudged.yaml"
  package static let standardState = "/var/lib/nudged"
  package static let standardRuntime = "/run/nudged"

  /// The configuration file, and whether somebody named it: one that is named must be there.
  package var configuration: String
  package var isConfigurationNamed: Bool
  package var state: String
  /// Where the socket is made, and whether somebody named it: if not, one that systemd hands over comes first.
  package var socket: String
  package var isSocketNamed: Bool

  package init(config: String?, state: String?, socket: String?, environment: [String: String]) {
    configuration = config ?? Self.standardConfiguration
    isConfigurationNamed = config != nil
    self.state = state ?? Self.first(of: environment["STATE_DIRECTORY"]) ?? Self.standardState
    let runtime = Self.first(of: environment["RUNTIME_DIRECTORY"]) ?? Self.standardRuntime
    isSocketNamed = socket != nil
    self.socket = socket ?? "\(runtime)/nudged.sock"
  }

  package var database: String { "\(state)/nudged.db" }
  /// When nudged wants to be started again: whole seconds since 1970, on one line.
  var wake: String { "\(state)/wake" }
  var lock: String { "\(state)/nudged.lock" }
  var outbox: String { "\(state)/outbox" }

  /// systemd separates several folders by colons.
  private static func first(of folders: String?) -> String? {
    folders?.split(separator: ":").first.map(String.init)
  }
}
