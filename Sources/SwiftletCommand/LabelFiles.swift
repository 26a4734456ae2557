import Foundation
import SwiftletCore

/// Text files with names and answers.
enum LabelFiles {
  /// Class names, by class.
  ///
  /// A name per line; or CSV whose header begins with `class`: class number first, name last.
  static func names(_ path: String) throws(SwiftletError) -> [String] {
    let lines = try lines(path)
    guard let first = lines.first, first.hasPrefix("class,") else { return lines }
    var names: [String] = []
    for (number, line) in lines.dropFirst().enumerated() {
      let cells = fields(line)
      guard cells.count >= 2, let index = Int(cells[0]), index >= 0, index < 65536 else {
        throw SwiftletError(
          .badLabels, place: "\(path):\(number + 2)", expected: "class,...,name", found: line)
      }
      while names.count <= index { names.append("") }
      names[index] = cells[cells.count - 1]
    }
    return names
  }

  /// The class of each photo, from CSV of `file,class`, with or without that header.
  static func classes(_ path: String) throws(SwiftletError) -> [String: Int] {
    var out: [String: Int] = [:]
    for (number, line) in try lines(path).enumerated() {
      let cells = fields(line)
      if number == 0, cells.count >= 2, Int(cells[1]) == nil { continue }
      guard cells.count >= 2, let index = Int(cells[1]), index >= 0 else {
        throw SwiftletError(
          .badLabels, place: "\(path):\(number + 1)", expected: "file,class", found: line)
      }
      out[cells[0]] = index
    }
    guard !out.isEmpty else {
      throw SwiftletError(
        .badLabels, place: path, expected: "a line of file,class for each photo", found: "none")
    }
    return out
  }

  private static func lines(_ path: String) throws(SwiftletError) -> [String] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SwiftletError(.cannotOpen, place: path, expected: "a text file", found: "none to read")
    }
    return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  /// The cells of a CSV line (RFC 4180): quoted cells may hold commas and doubled quotes.
  static func fields(_ line: String) -> [String] {
    var cells: [String] = []
    var cell = ""
    var isQuoted = false
    var characters = Array(line)[...]
    while let c = characters.popFirst() {
      if isQuoted {
        if c != "\"" {
          cell.append(c)
        } else if characters.first == "\"" {
          cell.append(c)
          characters.removeFirst()
        } else {
          isQuoted = false
        }
      } else if c == "\"" && cell.isEmpty {
        isQuoted = true
      } else if c == "," {
        cells.append(cell)
        cell = ""
      } else {
        cell.append(c)
      }
    }
    return cells + [cell]
  }
}
