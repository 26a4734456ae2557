import SwiftletCore
import Testing

/// The window rule against a count of taps.
@Suite struct WindowRuleTests {
  @Test func everyWindowMeetsInput_onAllSmallSizes_agreesWithACount() {
    var accepted = 0
    var refused = 0
    for input in 1...5 {
      for kernel in 1...4 {
        for stride in 1...3 {
          for dilation in 1...3 {
            for before in 0...5 {
              for after in 0...5 {
                let rule = WindowRule(
                  input: input, kernel: kernel, stride: stride, dilation: dilation,
                  before: before, after: after)
                var count = 0
                var allMeet = before < rule.reach && after < rule.reach
                var start = -before
                while start + rule.reach <= input + after {
                  count += 1
                  let taps = (0..<kernel).map { start + $0 * dilation }
                  allMeet = allMeet && taps.contains { (0..<input).contains($0) }
                  start += stride
                }
                #expect(rule.output == count)
                guard count > 0 else { continue }
                #expect(rule.everyWindowMeetsInput == allMeet, "\(rule)")
                if allMeet { accepted += 1 } else { refused += 1 }
              }
            }
          }
        }
      }
    }
    #expect(accepted > 500 && refused > 500)
  }
}
