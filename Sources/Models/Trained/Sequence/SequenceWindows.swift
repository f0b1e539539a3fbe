import Primitives

/// Acts in a row, and what followed each.
struct SequenceWindow: Sendable {
  let acts: ArraySlice<UInt32>
  let following: ArraySlice<UInt32>
}

/// Cuts sequences into windows, and those into batches.
struct SequenceWindows {
  let sequences: [[UInt32]]
  /// Acts of a window at most.
  let length: Int

  /// Every act that something followed stands in exactly one window. Long sequences are cut at places that differ by chance.
  func all(using generator: inout SeededGenerator) -> [SequenceWindow] {
    var windows: [SequenceWindow] = []
    for sequence in sequences where sequence.count > 1 {
      let last = sequence.count - 1
      var end = last <= length ? last : 1 + Int(generator.next(upperBound: UInt64(length)))
      var start = 0
      while start < last {
        windows.append(
          SequenceWindow(acts: sequence[start..<end], following: sequence[start + 1..<end + 1]))
        (start, end) = (end, min(last, end + length))
      }
    }
    windows.shuffle(using: &generator)
    return windows
  }

  /// Windows in batches of at most `slots` parts with at most `capacity` acts each.
  static func batches(_ windows: [SequenceWindow], capacity: Int, slots: Int) -> [[[SequenceWindow]]] {
    var parts: [[SequenceWindow]] = []
    var room = 0
    for window in windows {
      if parts.isEmpty || window.acts.count > room {
        parts.append([])
        room = capacity
      }
      parts[parts.count - 1].append(window)
      room -= window.acts.count
    }
    return stride(from: 0, to: parts.count, by: slots).map { Array(parts[$0..<min(parts.count, $0 + slots)]) }
  }
}
