import NudgeDomain
import NudgeStore
import Testing

@testable import NudgeDaemon

@Suite("What the log says of a store that cannot write") struct StoreTroubleTests {
  private func hear(_ news: [(news: StoreNews, at: Int64)]) -> [StoreTrouble.Word] {
    var trouble = StoreTrouble()
    return news.compactMap { trouble.hear($0.news, now: Uptime(milliseconds: $0.at)).word }
  }

  @Test("a full disk is said once when it begins and once when it is over, however often it is met")
  func once() {
    let met = (0..<1_000).map { (news: StoreNews.hindered(.full), at: Int64($0)) }
    #expect(hear(met + [(.written, at: 6_000), (.written, at: 6_001)]) == [.full, .over])
  }

  @Test("a disk that takes small things only is full all the time")
  func flapping() {
    let met = (0..<1_000).map {
      (news: $0.isMultiple(of: 2) ? StoreNews.hindered(.full) : .written, at: Int64($0))
    }
    #expect(hear(met) == [.full])
    #expect(hear(met + [(.written, at: 5_997), (.written, at: 5_998)]) == [.full, .over])
  }

  @Test("another trouble is another word, and the same one later is said again")
  func kinds() {
    let news: [(news: StoreNews, at: Int64)] = [
      (.hindered(.busy), 0), (.hindered(.full), 1), (.written, 9_000), (.written, 9_001), (.hindered(.full), 9_002),
    ]
    #expect(hear(news) == [.locked, .full, .over, .full])
  }

  @Test("whoever waits may try again with the first thing that is written, and is told so once")
  func free() {
    var trouble = StoreTrouble()
    let news: [StoreNews] = [.hindered(.busy), .hindered(.busy), .written, .written, .hindered(.busy), .written]
    let isFree = news.map { trouble.hear($0, now: Uptime(milliseconds: 0)).isFree }
    #expect(isFree == [false, false, true, false, false, true])
  }

  @Test("a long write-ahead log is news of its own")
  func log() {
    #expect(hear([(.logGrows(bytes: 9), 0), (.logIsShort, 1)]) == [.logGrows(bytes: 9), .logIsShort])
  }
}
