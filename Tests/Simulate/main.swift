import Foundation

guard let arguments = Arguments(Array(CommandLine.arguments.dropFirst())) else {
  FileHandle.standardError.write(Data((Arguments.usage + "\n").utf8))
  exit(64)
}

// Sets and dictionaries have an order of their own in each process, unless this is said before it begins.
let hashing = "SWIFT_DETERMINISTIC_HASHING"
if getenv(hashing) == nil {
  setenv(hashing, "1", 1)
  var words = CommandLine.arguments.map { strdup($0) } + [nil]
  execv("/proc/self/exe", &words)
}

let kept: [UInt64] =
  try arguments.kept.map { file in
    try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").compactMap { line in
      UInt64(line.prefix { $0.isNumber })
    }
  } ?? []

if arguments.isControl {
  exit(try Controls.run())
} else if arguments.isSingle {
  exit(try Single.run(arguments))
} else if let worker = arguments.worker {
  try Share.run(arguments, kept: kept, worker: worker)
} else {
  exit(try Runner(arguments, kept: kept).run())
}
