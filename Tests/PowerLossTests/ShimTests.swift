import CDiskShim
import Foundation
import GRDB
import GRDBSQLite
import Testing

@Suite("The disk shim", .serialized) struct ShimTests {
  @Test("an operation fails once, or for good, or not at all")
  func failing() async throws {
    try await Disk.with { disk in
      let queue = try DatabaseQueue(path: disk.path)
      try await queue.write { try $0.execute(sql: "CREATE TABLE t (x)") }
      #expect(disk.count(DISK_SHIM_WRITE) > 0 && disk.count(DISK_SHIM_SYNC) > 0 && disk.injected == 0)
      let insert = "INSERT INTO t VALUES (1)"
      disk.arm(.init(kinds: DISK_SHIM_WRITE, nth: 2, for_good: false, code: SQLITE_FULL, is_partial: false))
      #expect(disk.count(DISK_SHIM_ALL) == 0)
      let full = await #expect(throws: DatabaseError.self) {
        try await queue.write { try $0.execute(sql: insert) }
      }
      #expect(full?.resultCode == .SQLITE_FULL && disk.injected == 1)
      try await queue.write { try $0.execute(sql: insert) }
      disk.arm(
        .init(
          kinds: DISK_SHIM_SYNC, nth: 1, for_good: true, code: ResultCode.SQLITE_IOERR_FSYNC.rawValue, is_partial: false
        ))
      for _ in 0..<2 {
        await #expect(throws: DatabaseError.self) { try await queue.write { try $0.execute(sql: insert) } }
      }
      #expect(disk.injected >= 2)
      disk.disarm()
      try await queue.write { try $0.execute(sql: insert) }
      #expect(try await queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") } == 2)
      try queue.close()
    }
  }

  @Test("the record has every write, in order, and what made it durable")
  func recording() async throws {
    try await Disk.with { disk in
      disk.record()
      var configuration = Configuration()
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL") }
      let queue = try DatabaseQueue(path: disk.path, configuration: configuration)
      try await queue.write { try $0.execute(sql: "CREATE TABLE t (x); INSERT INTO t VALUES (randomblob(9000))") }
      var files: [String: [UInt8]] = [:]
      for index in 0..<disk.position {
        let operation = disk.operation(index)
        let name = disk.name(of: operation)
        switch operation.kind {
        case DISK_SHIM_DELETE: files[name] = nil
        case DISK_SHIM_OPEN: files[name] = files[name] ?? []
        case DISK_SHIM_TRUNCATE: files[name] = Array(files[name, default: []].prefix(Int(operation.offset)))
        case DISK_SHIM_WRITE:
          var bytes = files[name, default: []]
          let end = Int(operation.offset) + operation.size
          if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
          bytes.replaceSubrange(
            Int(operation.offset)..<end, with: UnsafeBufferPointer(start: operation.bytes, count: operation.size))
          files[name] = bytes
        default: break
        }
      }
      #expect(files.keys.sorted() == ["nudged.db", "nudged.db-wal"])
      for (name, bytes) in files {
        #expect(try Data(contentsOf: disk.folder.appending(path: name)) == Data(bytes), "\(name)")
      }
      let last = disk.operation(disk.position - 1)
      #expect(last.kind == DISK_SHIM_SYNC && disk.name(of: last) == "nudged.db-wal")
      try queue.close()
    }
  }

  @Test("a folder beside it is not touched, and waits for locks take no time")
  func elsewhere() async throws {
    try await Disk.with { disk in
      try await withMemoryFolder { other in
        disk.arm(.init(kinds: DISK_SHIM_ALL, nth: 1, for_good: true, code: SQLITE_IOERR, is_partial: false))
        let queue = try DatabaseQueue(path: other.appending(path: "x.db").path)
        try await queue.write { try $0.execute(sql: "CREATE TABLE t (x)") }
        try queue.close()
        #expect(disk.count(DISK_SHIM_ALL) == 0)
        disk.disarm()
      }
      var configuration = Configuration()
      configuration.busyMode = .timeout(3_600)
      let queue = try DatabaseQueue(path: disk.path, configuration: configuration)
      disk.arm(.init(kinds: DISK_SHIM_LOCK, nth: 1, for_good: true, code: SQLITE_BUSY, is_partial: false))
      let busy = await #expect(throws: DatabaseError.self) {
        try await queue.write { try $0.execute(sql: "CREATE TABLE t (x)") }
      }
      #expect(busy?.resultCode == .SQLITE_BUSY)
      try queue.close()
    }
  }
}
