import SwiftletCore

/// Adds the rows of a pruning dial as a table.
package func appendDial(_ rows: [PruneRow], to text: inout TextBuffer) {
  text.append("prune  agreement >=    time  worst  full pass  margin  way\n")
  for row in rows {
    text.append(column: fixed(Double(row.dial) / 1000, 2), 5, right: true)
    text.append(column: fixed(Double(row.agreement) * 100, 1) + " %", 14, right: true)
    text.append(column: fixed(Double(row.cost), 2), 8, right: true)
    let isGated = row.way == .gates
    text.append(
      column: fixed(isGated ? 1 : 1 + Double(row.firstCost), 2), 7, right: true)
    text.append(
      column: isGated ? "-" : fixed(Double(row.escalated) * 100, 0) + " %", 11, right: true)
    text.append(
      column: isGated ? fixed(Double(row.shift), 2) : fixed(Double(row.margin), 3), 8, right: true)
    text.append("  \(row.way.word)")
    if row.resolution > 0 { text.append(", \(row.resolution) pixels") }
    if row.bits > 0 { text.append(", \(row.bits) bits") }
    text.append("\n")
  }
}

extension JSONWriter {
  /// `"dial":[...]`.
  package mutating func dial(_ rows: [PruneRow]) {
    beginArray("dial")
    for row in rows {
      beginObject()
      member("prune", Double(row.dial) / 1000, decimals: 3)
      member("way", "\(row.way.word)")
      member("resolution", row.resolution > 0 ? row.resolution : nil)
      member("bits", row.bits > 0 ? row.bits : nil)
      member("agreement_ratio", Double(row.agreement), decimals: 4)
      member("time_ratio", Double(row.cost), decimals: 4)
      member("first_time_ratio", Double(row.firstCost), decimals: 4)
      member("full_pass_ratio", Double(row.escalated), decimals: 4)
      member("margin", row.way == .gates ? nil : Double(row.margin), decimals: 6)
      member("shift", row.way == .gates ? Double(row.shift) : nil, decimals: 4)
      member("photos", row.photos)
      endObject()
    }
    endArray()
  }
}
