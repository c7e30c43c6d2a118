import Foundation

/// The target that `NUDGED_FUZZ` names.
private let target = ProcessInfo.processInfo.environment["NUDGED_FUZZ"].flatMap(FuzzTarget.init(rawValue:))

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let target else { fatalError("NUDGED_FUZZ is none of \(FuzzTarget.allCases.map(\.rawValue))") }
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  do { try target.check(input) } catch { fatalError("\(error)") }
  return 0
}
