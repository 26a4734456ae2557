import Swiftlet
import SwiftletCore
import SwiftletVision

/// Makes answers of a session's outputs: the best classes of a classifier, or a summary of each
/// output of any other network. Allocates nothing after it was made.
package struct Answers: ~Copyable {
  private var ranking: Ranking?
  private let top: Int
  private let labels: [String]
  /// Whether the network has one output of one value per class.
  package let isClassifier: Bool

  /// Answers of at most `top` classes.
  init(_ contents: ModelContents, _ session: borrowing Session, top: Int) {
    let shape = session.outputShape(0)
    isClassifier =
      session.outputCount == 1 && shape.height * shape.width == 1 && shape.channels > 1
    self.top = top
    var labels: [String] = []
    for i in 0..<contents.labelCount { labels.append(contents.label(i)) }
    self.labels = labels
  }

  /// Looks at the outputs of the last run.
  mutating func look(at session: borrowing Session) {
    if isClassifier {
      ranking = Ranking(session.output(0), top: top, isProbability: session.output.isProbability())
    }
  }

  /// How many classes there are to tell.
  package var count: Int { ranking?.count ?? 0 }

  /// Number and probability of the class of rank `i`, less than `count`.
  package subscript(i: Int) -> (classIndex: Int, probability: Float) {
    guard let ranking, i < ranking.count else { return (0, 0) }
    return (ranking[i].classIndex, ranking[i].probability)
  }

  /// The label of a class; empty if the file has none.
  func label(_ classIndex: Int) -> String {
    classIndex < labels.count ? labels[classIndex] : ""
  }

  /// Whether the best answer is the class of that name or number.
  func isFirst(_ label: String) -> Bool {
    guard count > 0 else { return false }
    let index = self[0].classIndex
    return isSame(self.label(index), label) || Values.whole(label) == index
  }

  /// Whether there is a class of that name, or the label is a number.
  func knows(_ label: String) -> Bool {
    for name in labels where isSame(name, label) { return true }
    return Values.whole(label) != nil
  }

  /// Adds `73.2 %  tabby (281)`.
  func append(rank i: Int, to text: inout TextBuffer) {
    let (index, probability) = self[i]
    let percent = Double(probability) * 100
    if percent < 99.95 { text.append(percent < 9.95 ? "  " : " ") }
    text.append(percent, decimals: 1)
    text.append(" %  ")
    let name = label(index)
    if name.isEmpty {
      text.append("class ")
      text.append(index)
    } else {
      text.append(name)
      text.append(" (")
      text.append(index)
      text.append(")")
    }
  }

  /// Adds what the outputs are, one line each, for a network that is no classifier.
  func appendOutputs(of session: borrowing Session, to text: inout TextBuffer) {
    for i in 0..<session.outputCount {
      let s = summary(session.output(i))
      text.append("  output ")
      text.append(i)
      text.append(": \(shapeText(session.outputShape(i))), least ")
      text.append(s.least, decimals: 4)
      text.append(", greatest ")
      text.append(s.greatest, decimals: 4)
      text.append(", mean ")
      text.append(s.mean, decimals: 4)
      text.append("\n")
    }
  }

  /// Adds the members `detections` and `outputs`.
  func append(of session: borrowing Session, to json: inout JSONWriter) {
    json.beginArray("detections")
    for i in 0..<count {
      let (index, probability) = self[i]
      json.beginObject()
      let name = label(index)
      json.member("label", name.isEmpty ? nil : name)
      json.member("class_id", index)
      json.member("score", Double(probability), decimals: 6)
      json.member("box", nil as String?)
      json.endObject()
    }
    json.endArray()
    if isClassifier { return }
    json.beginArray("outputs")
    for i in 0..<session.outputCount {
      let s = summary(session.output(i))
      let shape = session.outputShape(i)
      json.beginObject()
      json.shape(shape.channels, shape.height, shape.width)
      json.member("least", s.least, decimals: 6)
      json.member("greatest", s.greatest, decimals: 6)
      json.member("mean", s.mean, decimals: 6)
      json.endObject()
    }
    json.endArray()
  }

  private func summary(_ values: UnsafeBufferPointer<Float>)
    -> (least: Double, greatest: Double, mean: Double)
  {
    if values.isEmpty { return (0, 0, 0) }
    var (least, greatest, sum) = (values[0], values[0], 0.0)
    for value in values {
      least = min(least, value)
      greatest = max(greatest, value)
      sum += Double(value)
    }
    return (Double(least), Double(greatest), sum / Double(values.count))
  }
}
