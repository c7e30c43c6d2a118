import Foundation
import NudgeAPI
import TestKit
import Testing

/// The manual pages are written by hand, so that they read well. Here they are held against the programs.
@Suite("Manual pages") struct ManualTests {
  @Test(
    "have every option that the programs take, and no other",
    arguments: [("nudged", "nudged.8"), ("nudgectl", "nudgectl.1")])
  func options(program: String, page: String) async throws {
    let taken = Set(try await Self.commands(of: program).flatMap(\.options))
    let manual = try Self.page(page)
    let described = manual.split(separator: "\n").filter { $0.contains("Fl ") }.flatMap { line in
      line.matches(of: /\s-([a-z][a-z-]+)/).map { String($0.output.1) }
    }
    #expect(taken.subtracting(described).sorted() == [], "not in \(page)")
    #expect(Set(described).subtracting(taken).sorted() == [], "in \(page) alone")
  }

  @Test("have every verb, and no other")
  func verbs() async throws {
    let commands = try await Self.commands(of: "nudgectl")
    let groups = Set(commands.filter(\.isGroup).map(\.verb))
    let verbs = Set(commands.filter { !$0.isGroup }.map(\.verb)).subtracting(["", "help"])
    let lines = try Self.page("nudgectl.1").split(separator: "\n").filter { $0.hasPrefix(".It Cm ") }
    let described = lines.flatMap { line -> [String] in
      let words = line.dropFirst(".It Cm ".count).prefix { !"[]|".contains($0) }
      if words.contains(" , ") { return words.split(separator: " ").filter { $0 != "," }.map(String.init) }
      let first = words.split(separator: " ").prefix(2).map(String.init)
      let verb = first.first ?? ""
      return [groups.contains(verb) ? first.joined(separator: " ") : verb]
    }
    #expect(verbs.subtracting(described).sorted() == [], "not in nudgectl.1")
    #expect(Set(described).subtracting(verbs).sorted() == [], "in nudgectl.1 alone")
  }

  @Test("have every key of the configuration, and no other")
  func keys() throws {
    let example = try String(contentsOf: Repository.root.appending(path: "examples/nudged.yaml"), encoding: .utf8)
    let keys = Set(example.matches(of: /(?m)^ +([a-z_]+):/).map { String($0.output.1) }).subtracting(["default"])
    let lines = try Self.page("nudged.yaml.5").split(separator: "\n").filter { $0.hasPrefix(".It Cm ") }
    var described: Set<String> = []
    for line in lines {
      let names = line.dropFirst(".It Cm ".count).prefix { $0 != ":" }
      described.formUnion(names.split(separator: " ").filter { $0 != "," }.map(String.init))
    }
    let page = try Self.page("nudged.yaml.5")
    for key in keys where !described.contains(key) {
      #expect(page.contains("\n.Cm \(key)") || page.contains(" Cm \(key)"), "\(key) is not in nudged.yaml.5")
    }
    #expect(described.subtracting(keys).sorted() == [], "in nudged.yaml.5 alone")
  }

  // MARK: -

  private struct Command {
    var verb: String
    var options: [String]
    var isGroup: Bool
  }

  private static func page(_ name: String) throws -> String {
    try String(contentsOf: Repository.root.appending(path: "man/\(name)"), encoding: .utf8)
  }

  /// What the argument parser knows of a program, by its own word.
  private static func commands(of program: String) async throws -> [Command] {
    let result = try await Program.run(Repository.program(program), ["--experimental-dump-help"])
    let root = try #require(JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    return commands(try #require(root["command"] as? [String: Any]), path: nil)
  }

  private static func commands(_ command: [String: Any], path: [String]?) -> [Command] {
    let name = command["commandName"] as? String ?? ""
    let path = path.map { $0 + [name] } ?? []
    let arguments = command["arguments"] as? [[String: Any]] ?? []
    let options = arguments.flatMap { $0["names"] as? [[String: Any]] ?? [] }.filter { $0["kind"] as? String == "long" }
    let subcommands = command["subcommands"] as? [[String: Any]] ?? []
    let own = Command(
      verb: path.joined(separator: " "), options: options.compactMap { $0["name"] as? String },
      isGroup: !subcommands.isEmpty)
    return [own] + subcommands.flatMap { commands($0, path: path) }
  }
}
