import CDiskShim
import Foundation

/// What a loss of power may leave of a folder.
///
/// What was synced is there. Of what came after the last sync of a file any part may be there, in any order; the same
/// goes for the names in the folder. The log's index is never there: it lives in memory.
struct Loss {
  /// Which of the operations that no sync has made durable are found afterwards.
  enum Mode: CaseIterable, Sendable {
    /// All: the machine lived on, the process did not.
    case everything
    case nothing
    /// Those up to some point of each file, of the last one a part.
    case beginning
    /// Any of them, each whole.
    case some
    /// Any of their sectors.
    case smallSectors
    case largeSectors

    /// Those that chance has a part in.
    static let random: [Mode] = [.beginning, .some, .smallSectors, .largeSectors]

    fileprivate var sector: Int {
      switch self {
      case .largeSectors: 4_096
      default: 512
      }
    }
  }

  private var files: [LostFile] = []
  /// For each name: the file that it surely stands for, then what it was made to stand for since. Nil is none.
  private var names: [String: [Int?]] = [:]

  /// - Parameter image: what was there before, all of it durable.
  init(_ image: [String: [UInt8]] = [:]) {
    for (name, bytes) in image {
      names[name] = [files.count]
      files.append(LostFile(durable: bytes))
    }
  }

  /// The file that the program itself sees.
  private func current(_ name: String) -> Int? { names[name]?.last ?? nil }

  /// - Parameter source: for a link, the name that the file had before.
  mutating func apply(_ operation: disk_shim_operation, name: String, source: String = "") {
    if operation.kind == DISK_SHIM_LINK {
      names[name, default: [nil]].append(current(source))
      return
    }
    if operation.kind == DISK_SHIM_OPEN {
      guard current(name) == nil else { return }
      names[name, default: [nil]].append(files.count)
      files.append(LostFile())
      return
    }
    if operation.kind == DISK_SHIM_DELETE {
      names[name, default: [nil]].append(nil)
    } else if let file = current(name) {
      files[file].apply(operation)
    }
    if operation.flags & DISK_SHIM_SYNCS_FOLDER != 0 {
      for (name, versions) in names { names[name] = [versions.last ?? nil] }
    }
  }

  /// The folder after a loss of power now.
  func image(_ mode: Mode, dice: inout Dice) -> [String: [UInt8]] {
    var image: [String: [UInt8]] = [:]
    for name in names.keys.sorted() {
      guard let versions = names[name] else { continue }
      let version =
        switch mode {
        case .everything: versions.last ?? nil
        case .nothing: versions[0]
        default: dice.pick(versions)
        }
      guard let version else { continue }
      image[name] = files[version].bytes(mode, dice: &dice)
    }
    return image
  }
}

/// One file of the folder, whatever its name.
private struct LostFile {
  private struct Operation {
    var operation: disk_shim_operation
    /// A sync of it failed: a later one says nothing of it any more.
    var isDoomed = false
    var isDurable = false
  }

  private var durable: [UInt8]
  private var pending: [Operation] = []

  init(durable: [UInt8] = []) {
    self.durable = durable
  }

  mutating func apply(_ operation: disk_shim_operation) {
    guard operation.kind == DISK_SHIM_SYNC else {
      pending.append(Operation(operation: operation))
      return
    }
    if operation.flags & DISK_SHIM_FAILED != 0 {
      for index in pending.indices where !pending[index].isDurable { pending[index].isDoomed = true }
      return
    }
    for index in pending.indices where !pending[index].isDoomed { pending[index].isDurable = true }
    let settled = pending.prefix { $0.isDurable }
    for settled in settled { Self.perform(settled.operation, on: &durable) }
    pending.removeFirst(settled.count)
  }

  func bytes(_ mode: Loss.Mode, dice: inout Dice) -> [UInt8] {
    var bytes = durable
    let chance = dice.pick([2, 5, 9])
    let cut = mode == .beginning ? dice.below(pending.count + 1) : 0
    for (index, pending) in pending.enumerated() {
      if pending.isDurable || mode == .everything {
        Self.perform(pending.operation, on: &bytes)
        continue
      }
      switch mode {
      case .everything, .nothing: break
      case .beginning:
        if index < cut { Self.perform(pending.operation, on: &bytes) }
        if index == cut { tear(pending.operation, mode, chance: chance, on: &bytes, dice: &dice) }
      case .some:
        if dice.below(10) < chance { Self.perform(pending.operation, on: &bytes) }
      case .smallSectors, .largeSectors:
        tear(pending.operation, mode, chance: chance, on: &bytes, dice: &dice)
      }
    }
    if Loss.Mode.random.contains(mode), dice.onceIn(4) { lengthen(&bytes) }
    return bytes
  }

  /// The new size is there, the bytes are not.
  private func lengthen(_ bytes: inout [UInt8]) {
    let end = pending.map { Int($0.operation.offset) + $0.operation.size }.max() ?? 0
    if end > bytes.count { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
  }

  /// Does some sectors of a write. A write changes no byte beside its own in the sectors that it begins and ends in.
  private func tear(
    _ operation: disk_shim_operation, _ mode: Loss.Mode, chance: Int, on bytes: inout [UInt8], dice: inout Dice
  ) {
    guard operation.kind == DISK_SHIM_WRITE else {
      if dice.below(10) < chance { Self.perform(operation, on: &bytes) }
      return
    }
    var start = Int(operation.offset)
    let end = start + operation.size
    while start < end {
      let next = min((start / mode.sector + 1) * mode.sector, end)
      if dice.below(10) < chance {
        Self.write(operation.bytes + (start - Int(operation.offset)), next - start, at: start, into: &bytes)
      }
      start = next
    }
  }

  private static func perform(_ operation: disk_shim_operation, on bytes: inout [UInt8]) {
    if operation.kind == DISK_SHIM_WRITE {
      write(operation.bytes, operation.size, at: Int(operation.offset), into: &bytes)
      return
    }
    let size = Int(operation.offset)
    if size < bytes.count { bytes.removeLast(bytes.count - size) }
    if size > bytes.count { bytes += [UInt8](repeating: 0, count: size - bytes.count) }
  }

  private static func write(_ source: UnsafePointer<UInt8>, _ count: Int, at offset: Int, into bytes: inout [UInt8]) {
    let end = offset + count
    if end > bytes.count { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
    bytes.withUnsafeMutableBytes { memory in
      if let base = memory.baseAddress { memcpy(base + offset, source, count) }
    }
  }
}
