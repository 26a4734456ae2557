/// Suggestions for words that are not known.
package enum Nearest {
  /// Edits (insert, delete, replace, swap neighbours) between two words: the restricted
  /// Damerau-Levenshtein distance.
  package static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.utf8.prefix(64))
    let b = Array(b.utf8.prefix(64))
    var older: [Int] = []
    var previous = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(row[j] + 1, previous[j + 1] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, older[j - 1] + 1) }
        row.append(best)
      }
      older = previous
      previous = row
    }
    return previous[b.count]
  }

  /// The nearest of `names` if it is near enough to be meant.
  package static func word(_ word: String, _ names: [String]) -> String? {
    var best: String?
    var least = max(2, word.utf8.count / 3) + 1
    for name in names {
      var far = distance(word, name)
      // A beginning is meant more often than a typing error.
      if word.utf8.count >= 2,
        name.utf8.starts(with: word.utf8) || word.utf8.starts(with: name.utf8)
      {
        far = min(far, 1)
      }
      if far < least {
        least = far
        best = name
      }
    }
    return best
  }
}
