/// Every flag of both programs: one case, one row. Parser, help and tests read this table.
public enum Flag: Int, CaseIterable, Sendable {
  // Everywhere.
  case help, version, json, quiet, verbose
  // Running.
  case model, top, threads, isa, bits, warmup, time, profile
  case camera, framerate, loop, frames, width, height
  case format, listCameras, listFormats
  case effective, board, clock, maxOutput
  // Budgets and lines.
  case maxWatts, minRate, maxLatency, maxCelsius, minAccuracy, battery, hours, cameraWatts
  case wake, awake, signal
  case power, soak, rate, front, calibration
  // Leaving work out.
  case prune, first, pruneCurve
  // Making and judging models.
  case output, calibrate, weights, size, mean, std, bgr, resize, labels, seed
  case images, answers, limit
  // Simulating.
  case scenario, scenarios, accuracy, plot

  /// What a flag is.
  public struct Row {
    /// Without its two hyphens.
    public let long: String
    /// One letter, or 0.
    public let short: UInt8
    /// What follows it.
    public let kind: ValueKind
    /// How help names the value.
    public let placeholder: String
    /// The default in words; empty where there is none.
    public let normally: String
    /// One line.
    public let help: String
    /// The environment variable that stands in for it; empty where there is none.
    public let environment: String

    init(
      _ long: String, _ short: UInt8, _ kind: ValueKind, _ placeholder: String = "",
      normally: String = "", environment: String = "", help: String
    ) {
      self.long = long
      self.short = short
      self.kind = kind
      self.placeholder = placeholder
      self.normally = normally
      self.help = help
      self.environment = environment
    }
  }

  /// The flag as it is written: `--name`.
  public var written: String { "--" + row.long }

  /// The table.
  public var row: Row {
    switch self {
    case .help: Row("help", UInt8(ascii: "h"), .once, help: "Explain this command")
    case .version: Row("version", UInt8(ascii: "V"), .once, help: "Print the version")
    case .json: Row("json", 0, .toggle, help: "Print JSON instead of text; errors too")
    case .quiet: Row("quiet", UInt8(ascii: "q"), .toggle, help: "No progress and no status lines")
    case .verbose:
      Row(
        "verbose", UInt8(ascii: "v"), .repeated, help: "Say more on stderr; may be given twice")
    case .model:
      Row(
        "model", UInt8(ascii: "m"), .text, "NET.swlt",
        help: "The model file, instead of the first word")
    case .top:
      Row(
        "top", 0, .count(1...16), "N", normally: "5", help: "How many answers for a frame")
    case .threads:
      Row(
        "threads", UInt8(ascii: "j"), .count(1...64), "N", normally: "1",
        environment: "SWIFTLET_THREADS",
        help: "Threads that work on a frame; exactly as many are used")
    case .isa:
      Row(
        "isa", 0, .text, "NAME", normally: "the best of this CPU", environment: "SWIFTLET_ISA",
        help: "Instruction set; swiftlet info lists them")
    case .bits:
      Row(
        "bits", 0, .choice(["4", "8"]), "4|8", normally: "all that the file has",
        environment: "SWIFTLET_BITS",
        help: "Bits of the weights to use; for files made with --weights 8")
    case .warmup:
      Row(
        "warmup", 0, .duration, "TIME", normally: "500ms",
        help: "Run this long before measuring")
    case .time:
      Row(
        "time", UInt8(ascii: "t"), .duration, "TIME",
        normally: "bench 10s, camera 0, which is for ever",
        help: "How long to run")
    case .profile:
      Row(
        "profile", 0, .toggle, help: "Measure each step: time, GMAC/s, share of the peak")
    case .camera:
      Row(
        "camera", UInt8(ascii: "c"), .text, "SOURCE",
        help: "/dev/videoN, a camera's NAME, FOLDER, FILE.y4m, - (Y4M, raw YUV420) or pan:PHOTO")
    case .framerate:
      Row(
        "framerate", 0, .number, "N",
        normally: "a Y4M file's own, pan: 30, a folder 0",
        help: "Frames a second of a camera or simulated one; 0: the next after each result")
    case .loop: Row("loop", 0, .toggle, help: "Begin a folder or file again at its end")
    case .frames:
      Row(
        "frames", UInt8(ascii: "n"), .count(1...Int.max), "N",
        help: "Stop after this many results; with --prune-curve: frames of each sequence, else 150")
    case .width:
      Row(
        "width", 0, .count(2...16384), "PIXELS",
        help: "Width of a camera's frames, of raw frames on stdin, or of pan: frames")
    case .height:
      Row(
        "height", 0, .count(2...16384), "PIXELS",
        help: "Height of a camera's frames, of raw frames on stdin, or of pan: frames")
    case .format:
      Row(
        "format", 0, .choice(["YUYV", "NV12", "NV21", "YU12", "MJPG", "GREY"]), "FOURCC",
        normally: "the best offered", help: "Kind of a camera's frames")
    case .listCameras: Row("list-cameras", 0, .toggle, help: "List the cameras and end")
    case .listFormats:
      Row("list-formats", 0, .toggle, help: "List what the camera of -c offers and end")
    case .effective: Row("effective", 0, .toggle, help: "Print each setting with its origin")
    case .output:
      Row(
        "output", UInt8(ascii: "o"), .text, "FILE",
        help: "The file to write; camera: a JSON line for each result, - is stdout")
    case .maxOutput:
      Row(
        "max-output", 0, .bytes, "SIZE", normally: "64MiB",
        help: "Bytes of FILE, FILE.1, FILE.2 and FILE.3 in all; 0: one file without limit")
    case .board:
      Row(
        "board", 0, .text, "FILE|NAME",
        help: "Board profile: a .toml file or a known name; its times and watts are modelled")
    case .clock:
      Row(
        "clock", 0, .number, "MHZ", normally: "the highest of the board",
        help: "With --board: the clock to predict for")
    case .maxWatts:
      Row(
        "max-watts", 0, .measure(.watts), "WATTS",
        help: "Hold the board below this, camera included: a hard cap")
    case .minRate:
      Row(
        "min-fps", 0, .number, "N",
        help: "Look at least at so many frames a second; accuracy gives way first")
    case .maxLatency:
      Row(
        "max-latency", 0, .duration, "TIME", help: "From a frame's stamp to its result, at most")
    case .maxCelsius:
      Row(
        "max-temp", 0, .measure(.celsius), "TEMP", normally: "that of the board's profile",
        help: "Keep the processor below this, looking 20 s ahead")
    case .minAccuracy:
      Row(
        "min-accuracy", 0, .measure(.share), "PERCENT",
        help: "Leave out operating points that are less accurate than this")
    case .battery:
      Row(
        "battery", 0, .measure(.wattHours), "ENERGY",
        help: "Make this last for --hours: a cap that follows what is left")
    case .hours:
      Row("hours", 0, .duration, "TIME", help: "How long the battery has to last, such as 8h")
    case .cameraWatts:
      Row(
        "camera-watts", 0, .measure(.watts), "WATTS", normally: "that of the board's profile",
        help: "What the camera draws while it streams; used where nothing measures it")
    case .power:
      Row(
        "power", 0, .toggle,
        help: "Measure watts and joules a frame too; modelled where no sensor answers")
    case .soak:
      Row(
        "soak", 0, .duration, "TIME", normally: "0s",
        help: "With --power: run this long first, so that heat has its effect")
    case .rate:
      Row(
        "rate", 0, .number, "N", normally: "as fast as it goes",
        help: "With --power: frames a second")
    case .front:
      Row(
        "front", 0, .toggle,
        help: "What a board can do with these files: frames/s, watts, accuracy; modelled")
    case .calibration:
      Row(
        "calibration", 0, .text, "FILE",
        help: "What swiftlet calibrate measured on this board, in place of the models")
    case .wake:
      Row(
        "wake", 0, .text, "gpio:LINE",
        help: "Sleep until this input rises (a motion sensor, a button), then watch for --awake")
    case .awake:
      Row(
        "awake", 0, .duration, "TIME", normally: "10s",
        help: "How long to watch after each wake; a new edge begins it again")
    case .signal:
      Row(
        "signal", 0, .text, "gpio:LINE=LABEL,...",
        help: "Raise this output while one of the labels is the first answer")
    case .prune:
      Row(
        "prune", 0, .text, "0...1|auto", normally: "0, or 0.2 with --first",
        help: "How much work may be left out; 0: answers as without it, bit for bit")
    case .first:
      Row(
        "first", 0, .text, "SMALL.swlt",
        help: "A smaller network that goes first; the full one follows where it is not sure")
    case .pruneCurve:
      Row(
        "prune-curve", 0, .toggle,
        help: "Agreement and mean time at each step of --prune, on --images and on sequences")
    case .calibrate:
      Row(
        "calibrate", 0, .text, "DIR",
        help: "Folder of photos like those to come; no labels are needed")
    case .weights:
      Row(
        "weights", 0, .choice(["4", "8", "int8", "mixed"]), "4|8|int8|mixed", normally: "4",
        help: "Codebooks of 4 bits, of 4 + 4 bits, 8-bit integers, or per layer as needed")
    case .size:
      Row(
        "size", 0, .count(8...4096), "N", normally: "the network's own",
        help: "Width and height of the input, where the network leaves them open")
    case .mean:
      Row(
        "mean", 0, .numbers, "A,B,C", normally: "0,0,0",
        help: "Subtracted from pixels: units 0...255, in the network's channel order")
    case .std:
      Row(
        "std", 0, .numbers, "A,B,C", normally: "1,1,1",
        help: "Then divided by this: units 0...255, in the network's channel order")
    case .bgr: Row("bgr", 0, .toggle, help: "The network takes blue, green, red")
    case .resize:
      Row(
        "resize", 0, .text, "squash|crop[:SHORT]", normally: "squash",
        help: "Fit the whole photo, or scale its short side to SHORT and cut the centre")
    case .labels:
      Row(
        "labels", 0, .text, "FILE",
        help: "quantize: a name per line, by class; eval: CSV of file,class")
    case .seed:
      Row(
        "seed", 0, .count(0...Int.max), "N", normally: "1", help: "Start of all random choices")
    case .images: Row("images", 0, .text, "DIR", help: "Folder of photos")
    case .answers: Row("answers", 0, .text, "FILE", help: "Write the answer for each photo, as CSV")
    case .limit:
      Row(
        "limit", 0, .count(1...Int.max), "N", help: "Take only the first N photos, by name")
    case .scenario:
      Row("scenario", 0, .text, "FILE", help: "What the board really is and what happens to it")
    case .scenarios:
      Row(
        "scenarios", 0, .count(1...10000), "N",
        help: "Compare the scheduler with other policies in N random scenarios of 600 s")
    case .accuracy:
      Row(
        "accuracy", 0, .numbers, "A,B,...", normally: "what the files say, else 100",
        help: "Top-1 of each file in percent, so that a family can be weighed")
    case .plot: Row("plot", 0, .text, "OUT.svg", help: "Draw it as a picture too")
    }
  }
}

/// What a number with a unit measures.
public enum MeasureKind: Sendable {
  case watts, celsius, wattHours, share

  var units: [Unit] {
    switch self {
    case .watts: Values.watts
    case .celsius: Values.celsius
    case .wattHours: Values.wattHours
    case .share: Values.shares
    }
  }

  var noun: String {
    switch self {
    case .watts: "watts with their unit"
    case .celsius: "a temperature with its unit"
    case .wattHours: "watt hours with their unit"
    case .share: "a share in percent"
    }
  }

  var example: String {
    switch self {
    case .watts: "3.2W or 800mW"
    case .celsius: "75C"
    case .wattHours: "18.5Wh"
    case .share: "75%"
    }
  }
}

/// What a flag takes.
public enum ValueKind {
  /// Nothing, and there is no `--no-` form.
  case once
  /// Nothing; `--no-x` takes it back.
  case toggle
  /// Nothing; counts how often it stands there.
  case repeated
  /// Any text that is not empty.
  case text
  /// A whole number in a range.
  case count(ClosedRange<Int>)
  /// A number, 0 or more.
  case number
  /// Numbers between commas.
  case numbers
  /// A time with its unit.
  case duration
  /// A size with its unit.
  case bytes
  /// A number with its unit.
  case measure(MeasureKind)
  /// One of these words.
  case choice([String])

  /// Whether a value follows.
  public var takesValue: Bool {
    switch self {
    case .once, .toggle, .repeated: false
    default: true
    }
  }
}
