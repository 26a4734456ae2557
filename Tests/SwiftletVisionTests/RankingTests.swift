import SwiftletVision
import Testing

private func rank(_ values: [Float], _ top: Int, isProbability: Bool = false) -> Ranking {
  values.withUnsafeBufferPointer { Ranking($0, top: top, isProbability: isProbability) }
}

private func order(_ ranking: Ranking) -> [Int] {
  (0..<ranking.count).map { ranking[$0].classIndex }
}

@Test func ranking_equalValues_keepTheOrderOfIndex() {
  #expect(order(rank([1, 3, 3, 2, 3, 2], 5)) == [1, 2, 4, 3, 5])
  #expect(order(rank([0, 0, 0], 2)) == [0, 1])
}

@Test func ranking_random_equalsAStableSort() {
  var random = SplitMix64(state: 5)
  for _ in 0..<300 {
    let values = (0..<Int.random(in: 1...40, using: &random)).map { _ in
      Float(Int.random(in: -4...4, using: &random))
    }
    let top = Int.random(in: 1...16, using: &random)
    let sorted = values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }
    #expect(order(rank(values, top)) == Array(sorted.prefix(top)))
  }
}

@Test func ranking_fewValuesOrPlaces_areFilledAsFarAsPossible() {
  #expect(order(rank([], 5)).isEmpty)
  #expect(order(rank([1, 2], 0)).isEmpty)
  #expect(order(rank([1, 2], 5)) == [1, 0])
  #expect(rank([Float](repeating: 1, count: 50), 99).count == Ranking.capacity)
}

@Test func ranking_notANumber_comesLast() {
  let ranking = rank([.nan, 1, .nan, 2], 4)
  #expect(order(ranking) == [3, 1, 0, 2])
  #expect(ranking[2].probability == 0)
}

@Test func ranking_probabilities_areTheSoftmax() {
  let values: [Float] = [1, 2, 3, -100, 3]
  let ranking = rank(values, 5)
  // e^0 / (e^-2 + e^-1 + 1 + 1), to the last digit of a Float.
  #expect(abs(ranking[0].probability - 0.399_486_4) < 1e-6)
  #expect(ranking[0].probability == ranking[1].probability)
  let sum = (0..<5).reduce(0) { $0 + ranking[$1].probability }
  #expect(abs(sum - 1) < 1e-6)
  let huge = rank([1000, 999, -3000], 3)
  #expect(abs(huge[0].probability - 0.731_058_6) < 1e-6)
  #expect(huge[2].probability == 0)
}

@Test func ranking_ofProbabilities_takesThemAsTheyAre() {
  let ranking = rank([0.25, 0.75, 1.5], 3, isProbability: true)
  #expect(ranking[0].probability == 1)
  #expect(ranking[1].probability == 0.75)
}
