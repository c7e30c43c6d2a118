import Foundation

extension Configuration {
  /// What the file says, or the defaults if nobody named one and there is none.
  package static func load(_ places: Places) throws(ConfigurationError) -> Configuration {
    let path = places.configuration
    guard FileManager.default.fileExists(atPath: path) || places.isConfigurationNamed else { return .standard }
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      let message = "cannot be read: \(error.localizedDescription)"
      throw ConfigurationError(issues: [.init(file: path, message: message)])
    }
    guard let yaml = String(bytes: data, encoding: .utf8) else {
      throw ConfigurationError(issues: [.init(file: path, message: "is not UTF-8")])
    }
    return try load(yaml: yaml, file: path)
  }
}
