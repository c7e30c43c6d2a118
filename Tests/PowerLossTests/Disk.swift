import CDiskShim
import Foundation
import GRDBSQLite
import TestKit

/// A folder in memory whose files are watched by the shim.
struct Disk: Sendable {
  let folder: URL
  private let shim: disk_shim

  var path: String { folder.appending(path: "nudged.db").path }
  /// How many operations are recorded.
  var position: Int { disk_shim_position(shim) }
  /// How many operations were made to fail since the latest arming.
  var injected: Int { Int(disk_shim_injected(shim)) }

  func record() { disk_shim_record(shim) }
  func arm(_ fault: disk_shim_fault) { disk_shim_arm(shim, fault) }
  func disarm() { disk_shim_disarm(shim) }
  func count(_ kinds: UInt32) -> Int { Int(disk_shim_count(shim, kinds)) }

  func operation(_ index: Int) -> disk_shim_operation { disk_shim_recorded(shim, index) }

  func name(of operation: disk_shim_operation) -> String {
    disk_shim_file_name(shim, operation.file).map { String(cString: $0) } ?? ""
  }

  /// For a link: the name that the file had before.
  func source(of operation: disk_shim_operation) -> String {
    guard operation.kind == DISK_SHIM_LINK else { return "" }
    return disk_shim_file_name(shim, operation.source).map { String(cString: $0) } ?? ""
  }

  /// Watches a new folder while `body` runs.
  static func with<T>(
    isolation: isolated (any Actor)? = #isolation, _ body: (Disk) async throws -> T
  ) async throws -> T {
    let code = disk_shim_install()
    guard code == SQLITE_OK else { throw Fault("the shim was not registered: \(code)") }
    defer { disk_shim_uninstall() }
    disk_shim_skip_waits(true)
    return try await withMemoryFolder { folder in
      let disk = Disk(folder: folder, shim: disk_shim_attach(folder.path))
      defer { disk_shim_detach(disk.shim) }
      return try await body(disk)
    }
  }
}

/// What is wrong, in a sentence.
struct Fault: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A folder that is gone afterwards, in memory where there is such a thing: thousands of images pass through it.
func withMemoryFolder<T>(
  isolation: isolated (any Actor)? = #isolation, _ body: (URL) async throws -> T
) async throws -> T {
  let memory = URL(filePath: "/dev/shm")
  guard FileManager.default.isWritableFile(atPath: memory.path) else { return try await withTemporaryFolder(body) }
  let folder = memory.appending(path: "nudged-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder)
}
