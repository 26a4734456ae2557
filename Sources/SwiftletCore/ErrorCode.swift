/// Every error of the product: one case, one row. Numbers are never reused.
public enum ErrorCode: Int, CaseIterable, Sendable {
  case unknownFlag = 1001
  case missingValue = 1002
  case badValue = 1003
  case missingArgument = 1004
  case unknownCommand = 1005
  case extraArgument = 1006
  case cannotOpen = 2001
  case cannotRead = 2002
  case cannotWrite = 2003
  case systemCall = 2004
  case notAFile = 2005
  case emptyFile = 2006
  case resultsDiffer = 2007
  case machineLacks = 2008
  case notAModel = 3001
  case modelVersion = 3002
  case modelCutShort = 3003
  case modelDamaged = 3004
  case modelSections = 3005
  case modelReserved = 3006
  case modelLimit = 3007
  case modelText = 3008
  case modelTensor = 3009
  case modelOperator = 3010
  case modelOrder = 3011
  case modelShape = 3012
  case modelKind = 3013
  case modelExtent = 3014
  case modelConstant = 3015
  case modelCodebook = 3016
  case modelRange = 3017
  case modelWeight = 3018
  case modelPreprocessing = 3019
  case modelMisaligned = 3020
  case networkInvalid = 3021
  case modelNotResizable = 3022
  case noPruneRows = 3023
  case notACascade = 3024
  case unsupportedNodes = 4001
  case badNode = 4002
  case badOnnx = 4003
  case externalData = 4004
  case badGraphInput = 4005
  case notQuantizable = 4101
  case noCalibration = 4102
  case badWeightOption = 4103
  case badLabels = 4104
  case notAnImage = 5001
  case imageDamaged = 5002
  case imageTooLarge = 5003
  case imageUnsupported = 5004
  case imageMemory = 5005
  case videoHeader = 5006
  case videoFormat = 5007
  case videoCutShort = 5008
  case frameSize = 5009
  case sourceUnknown = 6001
  case sourceSize = 6002
  case sourceEmpty = 6003
  case cameraNotFound = 6004
  case cameraBusy = 6005
  case cameraPermission = 6006
  case cameraFormat = 6007
  case cameraRefused = 6008
  case knobsTaken = 7101
  case restoreState = 7102
  case notRestored = 7103
  case clockRefused = 7104
  case gpioArgument = 7201
  case gpioNoLine = 7202
  case gpioBusy = 7203
  case gpioDenied = 7204
  case gpioUnsupported = 7205
  case gpioFailed = 7206
  case settingsSyntax = 8001
  case settingsKey = 8002
  case settingsMissing = 8003
  case settingsKind = 8004
  case settingsValue = 8005
  case settingsTwice = 8006
  case settingsConflict = 8007
  case settingsSource = 8008
  case settingsFile = 8009
  case boardUnknown = 8010

  /// Three letters and three digits, for example MDL012.
  public var name: String { row.name }
  /// What happened, without place or values.
  public var summary: String { row.summary }
  /// What to do next.
  public var help: String { row.help }
  /// The exit code of a command that ends with this error (docs/errors.md).
  public var exitCode: Int32 { row.exit }

  private var row: (name: String, summary: String, help: String, exit: Int32) {
    switch self {
    case .unknownFlag: ("USE001", "unknown flag", "see --help of this command", 64)
    case .missingValue: ("USE002", "a flag lacks its value", "see --help of this command", 64)
    case .badValue: ("USE003", "a value cannot be used", "see --help of this command", 64)
    case .missingArgument: ("USE004", "an argument is missing", "see --help of this command", 64)
    case .unknownCommand: ("USE005", "unknown command", "swiftlet --help lists the commands", 64)
    case .extraArgument:
      ("USE006", "a word too many", "see --help of this command", 64)
    case .cannotOpen:
      ("SYS001", "cannot open a file", "check that it exists and may be read", 66)
    case .cannotRead: ("SYS002", "cannot read a file", "check the disk and the file", 74)
    case .cannotWrite:
      ("SYS003", "cannot write a file", "check the folder, its rights and free space", 73)
    case .systemCall: ("SYS004", "a system call failed", "see the error name", 71)
    case .notAFile:
      ("SYS005", "not a regular file", "name the file itself, not a folder or pipe", 66)
    case .emptyFile: ("SYS006", "the file is empty", "copy or make it again", 65)
    case .resultsDiffer:
      (
        "SYS007", "this machine computes something else",
        "a fault of hardware or program: please report it with swiftlet info", 70
      )
    case .machineLacks:
      ("SYS008", "something needed is missing", "swiftlet doctor says how to mend it", 10)
    case .notAModel:
      ("MDL001", "not a model file", "give a .swlt file; swiftlet quantize makes one from ONNX", 65)
    case .modelVersion:
      (
        "MDL002", "the format version is not known here",
        "make the file again with this version of swiftlet, or update swiftlet", 65
      )
    case .modelCutShort:
      ("MDL003", "the file has another size than it says", "copy it again", 65)
    case .modelDamaged:
      ("MDL004", "a checksum differs: the file is damaged", "copy it again and check the disk", 65)
    case .modelSections:
      ("MDL005", "the sections do not obey the format", "make it again with swiftlet quantize", 65)
    case .modelReserved:
      ("MDL006", "a reserved byte is not zero", "update swiftlet or make the file again", 65)
    case .modelLimit:
      ("MDL007", "a size is beyond the limits", "docs/format.md lists the limits", 65)
    case .modelText: ("MDL008", "a text is not usable", "make it again with swiftlet quantize", 65)
    case .modelTensor:
      ("MDL009", "a tensor is not consistent", "make it again with swiftlet quantize", 65)
    case .modelOperator:
      ("MDL010", "an operator is not consistent", "make it again with swiftlet quantize", 65)
    case .modelOrder:
      (
        "MDL011", "tensors are written and read in an impossible order",
        "make it again with swiftlet quantize", 65
      )
    case .modelShape:
      ("MDL012", "shapes do not fit together", "make it again with swiftlet quantize", 65)
    case .modelKind:
      ("MDL013", "element kinds do not fit together", "make it again with swiftlet quantize", 65)
    case .modelExtent:
      ("MDL014", "an array lies outside its section", "make it again with swiftlet quantize", 65)
    case .modelConstant:
      ("MDL015", "a constant cannot be used", "make it again with swiftlet quantize", 65)
    case .modelCodebook:
      ("MDL016", "a codebook value is too large", "make it again with swiftlet quantize", 65)
    case .modelRange:
      (
        "MDL017", "a sum could leave the range of the arithmetic",
        "quantise again with other calibration photos", 65
      )
    case .modelWeight:
      ("MDL018", "an int8 weight is -128", "make it again with swiftlet quantize", 65)
    case .modelPreprocessing:
      (
        "MDL019", "the preprocessing rule cannot be used", "make it again with swiftlet quantize",
        65
      )
    case .modelMisaligned:
      ("MDL020", "the file's bytes are not aligned", "map the file, or use AlignedBytes", 70)
    case .networkInvalid:
      (
        "MDL021", "the quantised network cannot be written",
        "report it with the network: the quantiser made something inconsistent", 70
      )
    case .modelNotResizable:
      (
        "MDL022", "the network cannot run at another resolution",
        "give another file with --first, or none", 65
      )
    case .noPruneRows:
      (
        "MDL023", "the file says nothing about this pruning",
        "measure it: swiftlet calibrate NET.swlt --images PHOTOS", 65
      )
    case .notACascade:
      (
        "MDL024", "the file cannot go first",
        "give a smaller classifier of the same classes with --first", 65
      )
    case .unsupportedNodes:
      (
        "OPS001", "the network holds operators that cannot be imported",
        "docs/onnx.md lists what is read; export the named nodes in another form", 65
      )
    case .badNode:
      (
        "OPS002", "a node contradicts itself or its inputs",
        "check the network with the tool that exported it", 65
      )
    case .badOnnx:
      ("OPS003", "not a usable ONNX file", "export the network again, opset 11 to 21", 65)
    case .externalData:
      (
        "OPS004", "weights lie outside the ONNX file",
        "save the network as one file, with its weights inside", 65
      )
    case .badGraphInput:
      ("OPS005", "an input does not fit the network", "give the input and shape it names", 65)
    case .notQuantizable:
      (
        "OPS101", "the network cannot be quantised",
        "docs/operators.md lists what the runtime has; change the network and export it again", 65
      )
    case .noCalibration:
      ("OPS102", "calibration needs photos", "give at least one, better 100, of the usual kind", 66)
    case .badWeightOption:
      ("OPS103", "the weights cannot be stored as asked", "see swiftlet quantize --help", 64)
    case .badLabels:
      ("OPS104", "a file of names or answers cannot be used", "see --help of this command", 65)
    case .notAnImage: ("IMG001", "not a photo", "give a JPEG or PNG file", 65)
    case .imageDamaged:
      ("IMG002", "the photo is damaged or cut short", "copy it again, or leave it out", 65)
    case .imageTooLarge: ("IMG003", "the photo is too large", "make it smaller", 65)
    case .imageUnsupported:
      ("IMG004", "this kind of photo cannot be read", "save it as a common JPEG or PNG", 65)
    case .imageMemory:
      ("IMG005", "no memory for the photo", "make it smaller, or end other programs", 71)
    case .videoHeader:
      (
        "IMG006", "the video's marks are not those of Y4M",
        "make it again, for example with ffmpeg -f yuv4mpegpipe", 65
      )
    case .videoFormat:
      (
        "IMG007", "this kind of video cannot be read",
        "convert it, for example with ffmpeg -pix_fmt yuv420p", 65
      )
    case .videoCutShort:
      (
        "IMG008", "the video ends inside a frame",
        "copy it again; for raw samples check --width and --height", 65
      )
    case .frameSize:
      (
        "IMG009", "a frame has another number of bytes than its size says",
        "give width * height * 3 bytes: RGB888 without gaps between rows", 65
      )
    case .sourceUnknown: ("CAM001", "unknown camera", "see --help of this command", 66)
    case .sourceSize:
      ("CAM002", "the size of frames is not known", "add --width and --height, or send Y4M", 64)
    case .sourceEmpty: ("CAM003", "no photo in the folder", "name a folder that holds photos", 66)
    case .cameraNotFound:
      ("CAM004", "no such camera", "swiftlet camera --list-cameras lists them; check the cable", 69)
    case .cameraBusy:
      ("CAM005", "another program uses the camera", "end it; fuser -v /dev/video* names it", 75)
    case .cameraPermission:
      (
        "CAM006", "no right to use the camera",
        "add the user to the group video (sudo usermod -aG video NAME) and log in again", 77
      )
    case .cameraFormat:
      (
        "CAM007", "the camera offers no format that can be read",
        "swiftlet camera -c CAMERA --list-formats lists what it offers", 69
      )
    case .cameraRefused:
      ("CAM008", "the camera refused a request", "unplug it and plug it in, or see dmesg", 69)
    case .knobsTaken:
      (
        "PWR101", "another program controls the clocks",
        "end it, or run this one without a power budget", 75
      )
    case .restoreState:
      (
        "PWR102", "what has to be restored cannot be recorded, so no clock is changed",
        "make the folder writable: as a service by RuntimeDirectory=swiftlet", 73
      )
    case .notRestored:
      (
        "PWR103", "clock limits of a killed run cannot be restored",
        "start it once with the rights of that run", 77
      )
    case .clockRefused:
      (
        "PWR104", "the kernel refused a clock limit",
        "run as root, or make scaling_max_freq writable; swiftlet doctor says which", 77
      )
    case .gpioArgument:
      ("PWR201", "not a GPIO line", "gpio:NAME or gpio:CHIP:OFFSET, see --help", 64)
    case .gpioNoLine: ("PWR202", "no such GPIO line", "choose one of those that exist", 69)
    case .gpioBusy:
      (
        "PWR203", "the GPIO line is in use", "free it, or choose another; gpioinfo names its user",
        69
      )
    case .gpioDenied:
      (
        "PWR204", "GPIO may not be used", "run as a member of the group that owns /dev/gpiochip*",
        77
      )
    case .gpioUnsupported:
      (
        "PWR205", "this kernel lacks the GPIO interface, version 2",
        "it came with Linux 5.10; JetPack 4 has only version 1", 69
      )
    case .gpioFailed: ("PWR206", "a GPIO line failed", "see the error name", 71)
    case .settingsSyntax:
      ("CFG001", "a line cannot be read", "docs/boards.md shows the part of TOML in use", 78)
    case .settingsKey:
      ("CFG002", "unknown key or table", "docs/boards.md lists all keys", 78)
    case .settingsMissing:
      (
        "CFG003", "a key is missing",
        "add it, or name it in unknown if nobody has published it", 78
      )
    case .settingsKind: ("CFG004", "a value of another kind is needed", "docs/boards.md", 78)
    case .settingsValue: ("CFG005", "a value cannot be used", "docs/boards.md has its range", 78)
    case .settingsTwice: ("CFG006", "given twice", "leave one of them out", 78)
    case .settingsConflict: ("CFG007", "values contradict each other", "docs/boards.md", 78)
    case .settingsSource:
      (
        "CFG008", "a figure without its source",
        "write it below the table, as docs/boards.md shows", 78
      )
    case .settingsFile:
      ("CFG009", "not a settings file", "give a TOML file in UTF-8, at most 64 KiB", 78)
    case .boardUnknown:
      (
        "CFG010", "no such board", "swiftlet info --board FILE reads a profile of your own", 66
      )
    }
  }
}
