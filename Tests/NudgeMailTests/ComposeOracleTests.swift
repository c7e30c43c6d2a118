import Foundation
import NudgeDomain
import NudgeMail
import TestKit
import Testing

@Suite("Composed mails, as Python reads them") struct ComposeOracleTests {
  /// Mails in all; `make test-mails` sets 100,000.
  static let count = number("NUDGED_HOSTILE_MAILS") ?? 3_000
  static let seed = number("NUDGED_SEED").map(UInt64.init) ?? 20_261_122
  /// Mails that one run of Python reads.
  static let batch = 1_000
  /// Of so many mails, one is of the built-in templates.
  static let builtInShare = 10

  @Test("say what was put into them, however hostile it is, and have no defect")
  func hostile() async throws {
    let (count, seed) = (Self.count, Self.seed)
    print("hostile mails: \(count), NUDGED_SEED=\(seed)")
    try await withTemporaryFolder { folder in
      let composer = Composer(templates: try ReadableMail.passThrough(in: folder))
      let batches = stride(from: 0, to: count, by: Self.batch).map {
        (number: $0 / Self.batch, count: min(Self.batch, count - $0))
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (started, batch) in batches.enumerated() {
          if started >= ProcessInfo.processInfo.activeProcessorCount { try await group.next() }
          group.addTask {
            var source = HostileSource(seed: seed &+ UInt64(batch.number))
            let mails = try (0..<batch.count).map { number in
              number % Self.builtInShare == 0
                ? try Self.builtIn(&source) : try Self.passedThrough(by: composer, &source)
            }
            try await ReadableMail.expectNoDifference(mails, "seed \(seed), batch \(batch.number)")
          }
        }
        try await group.waitForAll()
      }
    }
  }

  private static func builtIn(_ source: inout HostileSource) throws -> ReadableMail {
    let composer = Composer()
    let request = source.request(metadata: .null)
    return ReadableMail(
      mail: try composer.compose(request), expected: ExpectedMail(request, try composer.render(request)))
  }

  private static func passedThrough(by composer: Composer, _ source: inout HostileSource) throws -> ReadableMail {
    let subject = "S" + source.line() + "."
    let rendered = Rendered(subject: subject, text: source.text(), html: source.text())
    let request = source.request(metadata: ReadableMail.metadata(rendered))
    return ReadableMail(mail: try composer.compose(request), expected: ExpectedMail(request, rendered))
  }

  private static func number(_ variable: String) -> Int? {
    ProcessInfo.processInfo.environment[variable].flatMap { Int($0) }
  }
}
