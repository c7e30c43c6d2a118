import Foundation
import TestKit
import Testing

/// Runs the corpus and what the fuzzer once found through the properties, without a fuzzer.
@Suite("Fuzz") struct ReplayTests {
  @Test(
    "what is true of every input is true of the corpus, and of all that once broke it", arguments: FuzzTarget.allCases)
  func replay(target: FuzzTarget) throws {
    let corpus = try Self.inputs("Corpus", target)
    #expect(corpus.count >= 3, "a corpus gives the fuzzer something to begin with")
    for (name, input) in try corpus + Self.inputs("Found", target) {
      #expect(throws: Never.self, "\(name)") { try target.check(input) }
    }
  }

  @Test("the inputs are of known targets, and not large")
  func tidy() throws {
    let known = Set(FuzzTarget.allCases.map(\.rawValue))
    var bytes = 0
    for kind in ["Corpus", "Found"] {
      for target in try FileManager.default.contentsOfDirectory(atPath: Self.folder.appending(path: kind).path) {
        #expect(known.contains(target) || target.hasSuffix(".md"), "\(kind)/\(target)")
        bytes += try FuzzTarget(rawValue: target).map { try Self.inputs(kind, $0).map(\.1.count).reduce(0, +) } ?? 0
      }
    }
    #expect(bytes < Self.mostBytes)
  }

  private static let mostBytes = 500_000
  private static let folder = Repository.root.appending(path: "Tests/FuzzTests")

  private static func inputs(_ kind: String, _ target: FuzzTarget) throws -> [(String, [UInt8])] {
    let folder = folder.appending(path: "\(kind)/\(target.rawValue)")
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
      (name, Array(try Data(contentsOf: folder.appending(path: name))))
    }
  }
}
