/// Every command of both programs: one case, one row.
public enum Command: Int, CaseIterable, Sendable {
  case run, camera, bench, calibrate, inspect, verify, info, doctor, selftest
  case quantize, eval, compare, simulate

  /// What a command is.
  public struct Row {
    /// The word.
    public let name: String
    /// What follows it.
    public let synopsis: String
    /// One line.
    public let purpose: String
    /// Each a line to copy and what it does.
    public let examples: [(line: String, does: String)]
    /// The flags it takes, in the order of its help.
    public let flags: [Flag]
    /// Words it takes besides flags, at least and at most; the model is one of them.
    public let words: ClosedRange<Int>
    /// More about it, below the flags.
    public let notes: String

    init(
      _ name: String, _ synopsis: String, _ purpose: String,
      examples: [(line: String, does: String)], flags: [Flag], words: ClosedRange<Int>,
      notes: String = ""
    ) {
      self.name = name
      self.synopsis = synopsis
      self.purpose = purpose
      self.examples = examples
      self.flags = flags
      self.words = words
      self.notes = notes
    }
  }

  /// Whether only the host program has it.
  public var isHostOnly: Bool {
    switch self {
    case .quantize, .eval, .compare, .simulate: true
    default: false
    }
  }

  /// Whether its first word is a model file, which `--model` may stand for.
  public var takesModel: Bool { row.flags.contains { $0.rawValue == Flag.model.rawValue } }

  /// The table.
  public var row: Row {
    switch self {
    case .run:
      Row(
        "run", "NET.swlt IMAGE...", "Say what photos show",
        examples: [
          ("swiftlet run net.swlt cat.jpg", "the five best answers"),
          ("swiftlet run net.swlt *.jpg --top 1 --json", "one JSON line for each photo"),
          ("swiftlet run net.swlt cat.jpg -j 4 --bits 4", "four threads, first plane only"),
        ],
        flags: [
          .top, .prune, .first, .threads, .isa, .bits, .model, .json, .quiet, .verbose, .help,
        ], words: 2...Int.max, notes: "Photos are JPEG or PNG files.")
    case .camera:
      Row(
        "camera", "NET.swlt... -c SOURCE", "Watch frames as they come: the newest wins",
        examples: [
          ("swiftlet camera net.swlt -c /dev/video0", "a camera, in the size that serves best"),
          ("swiftlet camera --list-cameras", "paths and names"),
          ("swiftlet camera net.swlt -c pan:photo.jpg -t 10s", "a simulated camera, 10 seconds"),
          ("swiftlet camera net.swlt -c photos/ --framerate 5", "a folder, five photos a second"),
          (
            "rpicam-vid -t 0 --codec yuv420 -o - | swiftlet camera net.swlt -c - "
              + "--width 640 --height 480", "the camera of a Raspberry Pi"
          ),
        ],
        flags: [
          .camera, .framerate, .loop, .frames, .time, .width, .height, .format, .listCameras,
          .listFormats, .maxWatts, .minRate, .maxLatency, .maxCelsius, .minAccuracy, .battery,
          .hours, .cameraWatts, .board, .calibration, .accuracy, .prune, .first, .wake, .awake,
          .signal, .output, .maxOutput, .top, .threads, .isa, .bits, .model, .json, .quiet,
          .verbose, .help,
        ], words: 1...8,
        notes: """
          A frame that is not wanted in time is dropped and counted. Its age is measured from the
          camera's stamp, or its arrival, to its result. A camera that was unplugged is looked for
          until it is back. With a budget (--max-watts and so on) bits, threads, clock, rate and,
          of several files, the network follow it; all else is given up in the order rate, network,
          accuracy. Ctrl-C ends with the summary. SIGHUP opens the output anew and takes a changed
          model file; SIGUSR1 prints a line of statistics. docs/service.md tells more.
          """)
    case .bench:
      Row(
        "bench", "NET.swlt", "Measure how long a frame takes",
        examples: [
          ("swiftlet bench net.swlt", "ten seconds on one thread"),
          ("swiftlet bench net.swlt -j 2 --time 30s --json", "as JSON, on the last line"),
          ("swiftlet bench net.swlt --profile", "each step by itself"),
          ("swiftlet bench net.swlt --power --soak 10min", "watts, joules a frame, heat"),
          (
            "swiftlet bench a.swlt b.swlt --front --board raspberry-pi-4b --accuracy 81.6,74.8",
            "what that board can do with them"
          ),
          (
            "swiftlet bench net.swlt --prune-curve --images photos/ --plot curve.svg",
            "on a PC: what each step of --prune keeps and saves"
          ),
        ],
        flags: [
          .time, .warmup, .threads, .isa, .bits, .profile, .power, .soak, .rate, .front, .plot,
          .prune, .first, .pruneCurve, .images, .limit, .frames, .board, .calibration, .accuracy,
          .cameraWatts, .model, .json, .quiet, .verbose, .help,
        ], words: 1...8,
        notes: "Several files are for --front alone.")
    case .calibrate:
      Row(
        "calibrate", "NET.swlt... -o FILE",
        "Measure this board, or with --images the pruning dial of a file",
        examples: [
          ("swiftlet calibrate net.swlt -o board.toml", "times and watts of this very board"),
          ("swiftlet calibrate net.swlt --images photos/", "on a PC: the steps of --prune"),
          (
            "swiftlet calibrate net.swlt --first small.swlt --images photos/",
            "the same with a smaller network first"
          ),
        ],
        flags: [
          .output, .time, .threads, .board, .images, .first, .size, .limit, .json, .quiet, .help,
        ], words: 1...8,
        notes: """
          Let the board be idle otherwise, with the camera unplugged. Without a power sensor times
          are measured and watts stay those of the board's profile. Then give the file to camera
          or bench --front as --calibration.
          """)
    case .inspect:
      Row(
        "inspect", "NET.swlt", "List the layers of a model file",
        examples: [
          ("swiftlet inspect net.swlt", "operator, shape, bits, bytes, work, kernel"),
          ("swiftlet inspect net.swlt --board raspberry-pi-4b", "modelled ms of each layer there"),
        ],
        flags: [.board, .clock, .isa, .bits, .model, .json, .help], words: 1...1)
    case .verify:
      Row(
        "verify", "NET.swlt...", "Check every byte of model files",
        examples: [("swiftlet verify net.swlt", "structure and all checksums")],
        flags: [.model, .json, .quiet, .help], words: 1...Int.max)
    case .info:
      Row(
        "info", "", "Show what this machine and program can do",
        examples: [
          ("swiftlet info", "CPU, kernel sets and which is used"),
          ("swiftlet info --effective", "each setting and where it comes from"),
          ("swiftlet info --board my-board.toml", "check a board profile and print it"),
        ],
        flags: [.effective, .board, .isa, .threads, .bits, .json, .help], words: 0...0)
    case .doctor:
      Row(
        "doctor", "", "Say what this machine lacks and how to mend it",
        examples: [
          ("swiftlet doctor", "rights, camera, sensors, clocks, supply, space"),
          ("swiftlet doctor --json", "the same for programs"),
        ],
        flags: [.board, .json, .quiet, .help], words: 0...0,
        notes: "Ends with 10 if something needed is missing. It changes nothing.")
    case .selftest:
      Row(
        "selftest", "NET.swlt", "Prove that every instruction set gives the same bytes here",
        examples: [("swiftlet selftest net.swlt", "each set and thread count on one test image")],
        flags: [.model, .threads, .json, .quiet, .help], words: 1...1)
    case .quantize:
      Row(
        "quantize", "NET.onnx -o NET.swlt --calibrate DIR",
        "Turn a float network into a model file",
        examples: [
          (
            "swiftlet quantize net.onnx -o net.swlt --calibrate photos/ --mean 127 --std 128",
            "4-bit codebooks"
          ),
          (
            "swiftlet quantize net.onnx -o net.swlt --calibrate photos/ --weights 8 "
              + "--bgr --mean 104,117,123 --resize crop:256", "a file that runs at 4 or 8 bits"
          ),
        ],
        flags: [
          .output, .calibrate, .weights, .size, .mean, .std, .bgr, .resize, .labels, .seed,
          .limit, .threads, .json, .quiet, .verbose, .help,
        ], words: 1...1,
        notes: "One number for --mean or --std stands for all channels.")
    case .eval:
      Row(
        "eval", "NET.swlt|NET.onnx --images DIR --labels FILE.csv",
        "Measure accuracy on photos with known answers",
        examples: [
          ("swiftlet eval net.swlt --images photos/ --labels labels.csv", "top-1 and top-5"),
          (
            "swiftlet eval net.onnx --images photos/ --labels labels.csv --mean 127 --std 128",
            "the float network on the same pixels"
          ),
        ],
        flags: [
          .images, .labels, .answers, .limit, .prune, .first, .threads, .isa, .bits, .size, .mean,
          .std, .bgr,
          .resize, .json, .quiet, .help,
        ], words: 1...1,
        notes: "The preprocessing flags are for ONNX; a model file holds its own.")
    case .compare:
      Row(
        "compare", "NET.onnx NET.swlt --images DIR",
        "Compare a model file with its float network, layer by layer",
        examples: [
          ("swiftlet compare net.onnx net.swlt --images photos/ --limit 20", "worst layer first")
        ],
        flags: [.images, .limit, .threads, .isa, .bits, .json, .quiet, .help], words: 2...2)
    case .simulate:
      Row(
        "simulate", "NET.swlt... --board NAME", "Run the scheduler on a modelled board",
        examples: [
          (
            "swiftlet simulate net.swlt --board raspberry-pi-4b --max-watts 3.2W --plot run.svg",
            "ten minutes in a blink"
          ),
          (
            "swiftlet simulate large.swlt small.swlt --accuracy 75.2,67.4 --board jetson-nano "
              + "--max-watts 4W", "two networks that take turns"
          ),
          (
            "swiftlet simulate net.swlt --board raspberry-pi-4b --scenarios 40 --seed 7",
            "against other policies and an oracle"
          ),
        ],
        flags: [.board] + Flag.budget + [
          .cameraWatts, .framerate, .accuracy, .prune, .first, .bits, .isa, .scenario, .scenarios,
          .seed, .time,
          .plot, .json, .quiet, .help,
        ], words: 1...8,
        notes: """
          Nothing is measured: times come from the time model of the core, watts and heat from the
          board's profile; all of it is printed. Without --framerate the camera delivers 60 frames
          a second, and --min-fps is also the rate wanted. Without --time 600 s pass. A scenario
          file holds lines such as "activity = 0.65", "at 60 cap 2.8", "at 200 sensor lost".
          """)
    }
  }

  /// The command of that name.
  public init?(named name: String) {
    for command in Command.allCases where isSame(command.row.name, name) {
      self = command
      return
    }
    return nil
  }
}
