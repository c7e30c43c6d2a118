package import Foundation

/// The checkout that the tests run in.
package enum Repository {
  package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().standardizedFileURL

  /// The Python of the virtual environment that `make setup` makes, with the independent implementations in it.
  package static let python = root.appending(path: ".venv/bin/python")

  /// A program of that environment: `moto_server`, say.
  package static func tool(_ name: String) -> URL { root.appending(path: ".venv/bin/\(name)") }

  /// An oracle: a Python script in `Tests/oracles`.
  package static func oracle(_ name: String) -> URL { root.appending(path: "Tests/oracles/\(name).py") }

  /// A program of this package, as the tests' own build made it, or of the folder that NUDGED_PROGRAMS names.
  package static func program(_ name: String) -> URL {
    let folder = ProcessInfo.processInfo.environment["NUDGED_PROGRAMS"].map { URL(filePath: $0, relativeTo: root) }
    return (folder ?? products).appending(path: name)
  }

  /// The folder that this test bundle was built into.
  private static let products: URL = {
    var folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    let fallback = root.appending(path: ".build/debug")
    if !FileManager.default.fileExists(atPath: folder.appending(path: "nudged").path) { folder = fallback }
    return folder
  }()
}

/// A folder of its own for one test; `body` gets it, afterwards it is gone. The path is short enough for a socket in it.
package func withTemporaryFolder<T>(
  isolation: isolated (any Actor)? = #isolation, _ body: (URL) async throws -> T
) async throws -> T {
  let name = String(UInt64.random(in: .min ... .max), radix: 36)
  let folder = URL(filePath: "/tmp/nt-\(name)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }  // a leftover in /tmp harms nobody
  return try await body(folder)
}
