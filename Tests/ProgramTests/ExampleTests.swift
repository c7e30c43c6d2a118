import Foundation
import NudgeAPI
import TestKit
import Testing

/// The two hundred example events go through the real programs, and `nudgectl why` has an answer for each of them.
@Suite("The example events") struct ExampleTests {
  /// What an event is about: a checkout or an order.
  struct Subject: Hashable {
    var shop: String
    var id: String
  }

  @Test("are all taken, and `why` explains each of them in words")
  func why() async throws {
    try await withTemporaryFolder { folder in
      let nudged = try await start(in: folder)
      let events = Repository.root.appending(path: "examples/events.ndjson")
      let imported = try await ctl(folder, ["import", events.path])
      #expect(imported.status == 0, "\(imported.errorText)")
      let subjects = try Self.subjects(of: events)
      #expect(subjects.count == 200)
      for subject in Set(subjects) { try await explain(subject, folder) }
      nudged.signal(SIGTERM)
      let ended = await nudged.end()
      #expect(ended.status == 0)
    }
  }

  /// A schedule whose first reminder is due at once and whose second is far away: the answers tell of the past and the
  /// future.
  private func start(in folder: URL) async throws -> Program {
    let configuration = folder.appending(path: "nudged.yaml")
    let yaml = "sender: { rate: 0 }\nshops:\n  default: { schedule: [0s, 1d] }\n"
    try Data(yaml.utf8).write(to: configuration)
    let nudged = try Program(
      Repository.program("nudged"),
      ["--config", configuration.path, "--state", folder.appending(path: "state").path, "--socket", socket(folder)])
    _ = try await nudged.line(containing: "nudged is ready")
    return nudged
  }

  private func socket(_ folder: URL) -> String { folder.appending(path: "s").path }

  private func ctl(_ folder: URL, _ arguments: [String]) async throws -> Program.Result {
    try await Program.run(Repository.program("nudgectl"), ["--socket", socket(folder)] + arguments)
  }

  /// `why` names what it is about, says how that stands, and has a sentence for each message.
  private func explain(_ subject: Subject, _ folder: URL) async throws {
    let why = try await ctl(folder, ["why", subject.id, "--shop", subject.shop])
    #expect(why.status == 0, "\(subject): \(why.errorText)")
    let lines = why.text.split(separator: "\n")
    let heading = try #require(lines.first)
    #expect(heading.contains(#/ is (open|ordered|cancelled)$|^order .+ came on /#), "\(why.text)")
    let titles = lines.filter { $0.contains(/^(Reminder \d|Order message)/) }
    let sentences = lines.filter { $0.hasPrefix("  ") && $0.hasSuffix(".") }
    #expect(sentences.count == titles.count, "\(why.text)")
    for sentence in sentences { #expect(sentence.split(separator: " ").count >= 5, "\(sentence)") }
    for word in ["nil", "Optional", "null", "_"] { #expect(!sentences.contains { $0.contains(word) }, "\(why.text)") }
  }

  private static func subjects(of events: URL) throws -> [Subject] {
    try String(contentsOf: events, encoding: .utf8).split(separator: "\n").map { line in
      let event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let isOrder = event["type"] as? String == "order"
      let id = isOrder ? event["order_id"] : event["checkout_id"] ?? event["order_id"]
      return Subject(shop: event["shop"] as? String ?? "default", id: try #require(id as? String))
    }
  }
}
