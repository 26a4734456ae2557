/// What `swiftlet calibrate` measured on one board, kept in a file beside its profile.
public struct BoardCalibration: Sendable {
  /// Name of the profile it belongs to.
  public var board = ""
  /// When, RFC 3339.
  public var date = ""
  /// What measured the watts; empty: nothing did, and the profile's figures serve.
  public var sensor = ""
  /// Watts with idle cores and without a camera, and W / (GHz V^2) of a busy core.
  public var base: Double?
  public var activity: Double?
  /// Root of the mean square of measured against fitted watts, as a share.
  public var residual: Double?
  public var entries: [Entry] = []

  /// One form of one network: how its times relate to the model's.
  public struct Entry: Sendable {
    /// What stands for the file's bytes.
    public var hash = ""
    public var name = ""
    public var bits = 8
    public var threads = 1
    /// Measured over modelled seconds of a frame, and of core-seconds.
    public var latency = 1.0
    public var coreSeconds = 1.0

    public init() {}
  }

  /// The factors of one form for any number of threads.
  public struct Scale: Sendable {
    fileprivate var entries: [Entry] = []

    /// The factor of the nearest thread count that was measured.
    public func latency(threads: Int) -> Double { nearest(threads).latency }
    public func coreSeconds(threads: Int) -> Double { nearest(threads).coreSeconds }

    private func nearest(_ threads: Int) -> Entry {
      var best = entries[0]
      for entry in entries where abs(entry.threads - threads) < abs(best.threads - threads) {
        best = entry
      }
      return best
    }
  }

  public init() {}

  /// The factors of a file at these bits; nil if it was not measured.
  public func scale(of hash: String, bits: Int) -> Scale? {
    var scale = Scale()
    for entry in entries where entry.bits == bits && entry.hash.utf8.elementsEqual(hash.utf8) {
      scale.entries.append(entry)
    }
    return scale.entries.isEmpty ? nil : scale
  }
}

extension PowerModel {
  /// Takes over what was measured on this very board, without a camera.
  public mutating func adopt(_ calibration: BoardCalibration, cameraWatts: Double) {
    if let base = calibration.base { self.base = base + cameraWatts }
    if let activity = calibration.activity {
      self.activity = activity
      // What is left of the spread is what the fit could not explain.
      spread = max(calibration.residual ?? 0.05, 0.02)
    }
  }
}
