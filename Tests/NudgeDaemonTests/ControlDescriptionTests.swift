import Foundation
import HTTPTypes
import NudgeAPI
import TestKit
import Testing

@testable import NudgeDaemon

@Suite("The description of the control API")
struct ControlDescriptionTests {
  private static let description = Repository.root.appending(path: "api/openapi.yaml")

  @Test("is valid OpenAPI, and what it promises is what the server does")
  func holds() async throws {
    try await withControl { control in
      try await control.makeDeadLetter()
      _ = try await control.post("/checkout", #"{"checkout_id": "c-1001", "email": "bo@example.com"}"#)
      let result = try await Program.run(
        Repository.python, [Repository.oracle("openapi").path, Self.description.path, control.path],
        folder: control.folder)
      #expect(result.status == 0, "\(result.text)\(result.errorText)")
    }
  }

  @Test("has every route, and no other")
  func isComplete() async throws {
    let script = """
      import sys, yaml
      for path, item in yaml.safe_load(open(sys.argv[1]))["paths"].items():
          for method in item:
              if method != "parameters":
                  print(method.upper(), path)
      """
    let result = try await Program.run(Repository.python, ["-c", script, Self.description.path])
    let described = result.text.split(separator: "\n").map(String.init).sorted()
    #expect(described == Routes.all.map { "\($0.method.rawValue) \($0.path)" }.sorted())
  }
}
