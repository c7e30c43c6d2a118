import CDiskShim
import Foundation
import GRDBSQLite

/// The disk that the database of a world lies on: in memory, and it can fail.
final class Disk: Sendable {
  /// What a disk can do to one commit.
  enum Fault: CaseIterable, Sendable {
    case busy, full, writeError, tornWrite, syncError, readError

    fileprivate var order: disk_shim_fault {
      switch self {
      case .busy:
        disk_shim_fault(
          kinds: DISK_SHIM_LOCK | DISK_SHIM_SHM_LOCK, nth: 1, for_good: true, code: SQLITE_BUSY, is_partial: false)
      case .full:
        disk_shim_fault(kinds: DISK_SHIM_WRITE, nth: 1, for_good: true, code: SQLITE_FULL, is_partial: false)
      case .writeError:
        disk_shim_fault(kinds: DISK_SHIM_WRITE, nth: 2, for_good: false, code: Self.error | 3 << 8, is_partial: false)
      case .tornWrite:
        disk_shim_fault(kinds: DISK_SHIM_WRITE, nth: 3, for_good: true, code: Self.error | 3 << 8, is_partial: true)
      case .syncError:
        disk_shim_fault(kinds: DISK_SHIM_SYNC, nth: 1, for_good: false, code: Self.error | 4 << 8, is_partial: false)
      case .readError:
        disk_shim_fault(kinds: DISK_SHIM_READ, nth: 1, for_good: false, code: Self.error | 1 << 8, is_partial: false)
      }
    }

    private static let error = SQLITE_IOERR

    var happening: Happening {
      switch self {
      case .busy: .diskBusy
      case .full: .diskFull
      case .writeError, .tornWrite, .readError: .diskError
      case .syncError: .commitUnknown
      }
    }
  }

  let folder: String
  private let shim: disk_shim

  var path: String { "\(folder)/nudged.db" }

  init(_ folder: String) {
    self.folder = folder
    shim = disk_shim_attach(folder)
  }

  /// Removes what is on it.
  func leave() {
    disk_shim_detach(shim)
    for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
  }

  /// Runs `body` with a fault, if there is one; answers whether it came to pass.
  func with<T>(_ fault: Fault?, _ body: () throws -> T) rethrows -> (T, hasFailed: Bool) {
    guard let fault else { return (try body(), false) }
    disk_shim_arm(shim, fault.order)
    defer { disk_shim_disarm(shim) }
    let result = try body()
    return (result, disk_shim_injected(shim) > 0)
  }

  /// Nothing reaches the disk any more, until `restore`.
  func cut() {
    disk_shim_arm(
      shim,
      disk_shim_fault(
        kinds: DISK_SHIM_WRITE | DISK_SHIM_TRUNCATE | DISK_SHIM_SYNC | DISK_SHIM_DELETE, nth: 1, for_good: true,
        code: SQLITE_IOERR, is_partial: false))
  }

  func restore() { disk_shim_disarm(shim) }
}
