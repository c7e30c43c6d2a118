import Foundation
import TestKit
import Testing

@Suite("Migrations") struct MigrationTests {
  let folder = Repository.root.appending(path: "migrations")

  @Test("every file is in the package's list, in order, and the list names no other")
  func list() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }
      .sorted()
    let manifest = try String(contentsOf: Repository.root.appending(path: "Package.swift"), encoding: .utf8)
    let list = try #require(manifest.firstMatch(of: /let migrations = \[([^\]]*)\]/)).output.1
    let names = list.matches(of: /"([^"]+)"/).map { String($0.output.1) }
    #expect(names.map { "\($0).sql" } == files)
    #expect(names == names.sorted())
  }

  @Test("every file is embedded and run, in order")
  func embedded() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }
      .sorted()
    let source = try String(contentsOf: folder.appending(path: "Migrations.swift"), encoding: .utf8)
    let symbols = source.matches(of: /PackageResources\.(\w+)/).map { String($0.output.1) }
    #expect(symbols == files.map { $0.replacing("-", with: "_").replacing(".", with: "_") })
  }

  /// Databases in the field have run the file as it was: an edit would never reach them. Write a new one instead.
  @Test("one that has landed is never edited")
  func landed() async throws {
    let list = Repository.root.appending(path: "Tests/HouseRulesTests/migrations.sha256")
    let result = try await Program.run(
      URL(filePath: "/usr/bin/sha256sum"), ["--check", "--strict", list.path], folder: folder)
    #expect(result.status == 0, "\(result.text)\(result.errorText)")
    let landed = try String(contentsOf: list, encoding: .utf8).split(separator: "\n").compactMap {
      $0.split(separator: " ").last
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }
      .sorted()
    #expect(landed.map(String.init) == files, "add a new migration's sum to the list when it lands")
  }
}
