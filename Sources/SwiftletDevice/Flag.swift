/// Every flag of both programs: one case, one row. Parser, help and tests read this table.
public enum Flag: Int, CaseIterable, Sendable {
  // Everywhere.
  case help, version, json, quiet, verbose
  // Running.
  case model, top, threads, isa, bits, warmup, time, profile
  case camera, framerate, frames, width, height
  case effective
  // Making and judging models.
  case output, calibrate, weights, size, mean, std, bgr, resize, labels, seed
  case images, answers, limit

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
      _ long: String, _ short: Character? = nil, _ kind: ValueKind, _ placeholder: String = "",
      normally: String = "", environment: String = "", _ help: String
    ) {
      self.long = long
      self.short = short?.asciiValue ?? 0
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
    case .help: Row("help", "h", .once, "Explain this command")
    case .version: Row("version", "V", .once, "Print the version")
    case .json: Row("json", .toggle, "Print JSON instead of text; errors too")
    case .quiet: Row("quiet", "q", .toggle, "No progress and no status lines")
    case .verbose: Row("verbose", "v", .repeated, "Say more on stderr; may be given twice")
    case .model:
      Row("model", "m", .text, "NET.swlt", "The model file, instead of the first word")
    case .top:
      Row("top", .count(1...1000), "N", normally: "5", "How many answers for a frame")
    case .threads:
      Row(
        "threads", "j", .count(1...64), "N", normally: "1", environment: "SWIFTLET_THREADS",
        "Threads that work on a frame; exactly as many are used")
    case .isa:
      Row(
        "isa", .text, "NAME", normally: "the best of this CPU", environment: "SWIFTLET_ISA",
        "Instruction set; swiftlet info lists them")
    case .bits:
      Row(
        "bits", .choice(["4", "8"]), "4|8", normally: "all that the file has",
        environment: "SWIFTLET_BITS", "Bits of the weights to use; for files made with --weights 8")
    case .warmup:
      Row("warmup", .duration, "TIME", normally: "500ms", "Run this long before measuring")
    case .time:
      Row(
        "time", "t", .duration, "TIME", normally: "bench 10s, camera 0: for ever",
        "How long to run")
    case .profile: Row("profile", .toggle, "Measure each step: time, GMAC/s, share of the peak")
    case .camera:
      Row(
        "camera", "c", .text, "SOURCE",
        "FOLDER of photos, FILE.y4m, - (Y4M or raw YUV420 on stdin) or pan:PHOTO")
    case .framerate:
      Row(
        "framerate", .number, "N", normally: "the source's own, else 30",
        "Frames per second that a simulated camera delivers; 0 waits for each result")
    case .frames: Row("frames", "n", .count(1...Int.max), "N", "Stop after this many results")
    case .width: Row("width", .count(2...16384), "PIXELS", "Width of raw frames on stdin")
    case .height: Row("height", .count(2...16384), "PIXELS", "Height of raw frames on stdin")
    case .effective: Row("effective", .toggle, "Print each setting with its origin")
    case .output: Row("output", "o", .text, "NET.swlt", "The file to write")
    case .calibrate:
      Row("calibrate", .text, "DIR", "Folder of photos like those to come; no labels are needed")
    case .weights:
      Row(
        "weights", .choice(["4", "8", "int8", "mixed"]), "4|8|int8|mixed", normally: "4",
        "Codebooks of 4 bits, of 4 + 4 bits, 8-bit integers, or per layer as needed")
    case .size:
      Row(
        "size", .count(8...4096), "N", normally: "the network's own",
        "Width and height of the input, where the network leaves them open")
    case .mean:
      Row(
        "mean", .numbers, "A,B,C", normally: "0,0,0",
        "Subtracted from pixels: units 0...255, in the network's channel order")
    case .std:
      Row(
        "std", .numbers, "A,B,C", normally: "1,1,1",
        "Then divided by this: units 0...255, in the network's channel order")
    case .bgr: Row("bgr", .toggle, "The network takes blue, green, red")
    case .resize:
      Row(
        "resize", .text, "squash|crop[:SHORT]", normally: "squash",
        "Fit the whole photo, or scale its short side to SHORT and cut the centre")
    case .labels:
      Row(
        "labels", .text, "FILE",
        "quantize: a name per line, by class; eval: CSV of file,class")
    case .seed:
      Row("seed", .count(0...Int.max), "N", normally: "1", "Start of all random choices")
    case .images: Row("images", .text, "DIR", "Folder of photos")
    case .answers: Row("answers", .text, "FILE", "Write the answer for each photo, as CSV")
    case .limit: Row("limit", .count(1...Int.max), "N", "Take only the first N photos, by name")
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
