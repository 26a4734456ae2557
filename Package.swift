// swift-tools-version: 6.2
import PackageDescription

// Trait "Embedded": the device half in the Embedded Swift language mode.
// Trait "Device": Embedded plus arm64 instruction-set flags; used with the arm64 SDK that
// tools/sdk makes. docs/architecture.md explains the targets; Tests/ArchitectureTests hold
// their imports to one direction.

// MARK: settings

let language: [SwiftSetting] = [
  .enableExperimentalFeature("Embedded", .when(traits: ["Embedded"])),
  .unsafeFlags(["-wmo"], .when(traits: ["Embedded"])),
]
/// Hot code is optimised in debug builds too: an unoptimised kernel is a thousand times slower.
let leaf: [SwiftSetting] =
  language + [.unsafeFlags(["-O"]), .unsafeFlags(["-Osize"], .when(traits: ["Device"]))]
/// The same for modules that others import. Embedded Swift emits a body again in every module
/// that uses it; deferred, only the leaf does, which nothing but a C `main` uses: -377 000 bytes.
let hot: [SwiftSetting] =
  leaf + [.enableExperimentalFeature("DeferredCodeGen", .when(traits: ["Device"]))]
let kernel: [SwiftSetting] =
  language + [
    .unsafeFlags([
      "-Ounchecked", "-wmo", "-enforce-exclusivity=unchecked",
      "-Xllvm", "-unroll-threshold=4000",
    ]),
    // Keeps the body of a kernel in its own module: a client lacks the instruction set.
    .unsafeFlags(["-disable-cmo"]),
  ]

#if arch(x86_64)
  // Trait conditions are only positive, so the flags of the building machine hang on "Host",
  // which is on by default and off in a device build.
  // The define and the flags come together: an intrinsic without its feature does not compile.
  let avx2: [SwiftSetting] = [
    .unsafeFlags(["-Xcc", "-march=haswell"], .when(traits: ["Host"])),
    .define("X86_KERNELS", .when(traits: ["Host"])),
  ]
  let avx512: [SwiftSetting] = [
    .unsafeFlags(["-Xcc", "-march=cascadelake"], .when(traits: ["Host"])),
    .define("X86_KERNELS", .when(traits: ["Host"])),
  ]
  let dotprodTraits: Set<String> = ["Device"]
#else
  let avx2: [SwiftSetting] = []
  let avx512: [SwiftSetting] = []
  let dotprodTraits: Set<String> = ["Device", "Host"]
#endif
// armv8-a as the base: a newer one puts LSE atomics into shared weak runtime symbols.
let dotprod: [SwiftSetting] = [
  .unsafeFlags(["-Xcc", "-march=armv8-a+dotprod"], .when(traits: dotprodTraits)),
  .define("ARM_KERNELS", .when(traits: dotprodTraits)),
]
// The armv8.0 tiles fill all 32 registers; reordering before their allocation spills.
let neon: [SwiftSetting] = [
  .define("ARM_KERNELS"), .unsafeFlags(["-Xllvm", "-enable-misched=false"]),
]

/// Every product holds a target with this. The default linker, gold, crashes on debug builds.
let link: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"])]

// MARK: targets

let device: [Target] = [
  .target(name: "CShims"),
  .target(
    name: "CImages",
    linkerSettings: [
      .linkedLibrary("jpeg"), .linkedLibrary("png"), .linkedLibrary("z"), .linkedLibrary("m"),
    ]),
  .target(
    name: "SwiftletCore", dependencies: ["CShims"], swiftSettings: hot, linkerSettings: link),
  .target(name: "SwiftletKernels", swiftSettings: hot, linkerSettings: link),
  .target(
    name: "KernelsAVX2", dependencies: ["SwiftletKernels"], path: "Sources/Kernels/AVX2",
    swiftSettings: kernel + avx2),
  .target(
    name: "KernelsAVX512", dependencies: ["SwiftletKernels"], path: "Sources/Kernels/AVX512",
    swiftSettings: kernel + avx512),
  .target(
    name: "KernelsNEON", dependencies: ["SwiftletKernels"], path: "Sources/Kernels/NEON",
    swiftSettings: kernel + neon),
  .target(
    name: "KernelsNEONDot", dependencies: ["SwiftletKernels"], path: "Sources/Kernels/NEONDot",
    swiftSettings: kernel + dotprod),
  .target(name: "KernelSelfTest", dependencies: ["SwiftletKernels"], swiftSettings: leaf),
  .target(
    name: "SwiftletOperators", dependencies: ["SwiftletCore", "SwiftletKernels"],
    swiftSettings: hot),
  .target(
    name: "SwiftletVision", dependencies: ["SwiftletCore", "CShims", "CImages"],
    swiftSettings: hot),
  .target(
    name: "Swiftlet",
    dependencies: [
      "SwiftletCore", "SwiftletOperators", "SwiftletVision", "KernelsAVX2", "KernelsAVX512",
      "KernelsNEON",
      "KernelsNEONDot", "CShims",
      // Views such as Frame tell the compiler how long they live.
    ], swiftSettings: hot + [.enableExperimentalFeature("Lifetimes")]),
  .target(
    name: "SwiftletPower", dependencies: ["SwiftletCore"], swiftSettings: hot,
    linkerSettings: [.linkedLibrary("m")]),
  .target(
    name: "SwiftletBoard", dependencies: ["SwiftletPower", "SwiftletCore", "CShims"],
    swiftSettings: hot),
  .target(
    name: "SwiftletDevice",
    dependencies: ["Swiftlet", "SwiftletVision", "SwiftletPower", "SwiftletBoard"],
    swiftSettings: leaf),
  .executableTarget(
    name: "swiftlet-device", dependencies: ["SwiftletDevice"],
    // Specialisations that compile to the same code are kept once.
    linkerSettings: [.unsafeFlags(["-Xlinker", "--icf=all"], .when(traits: ["Device"]))]),
  // Prints checksums of pixels, here and under emulation.
  .target(
    name: "VisionCheck", dependencies: ["SwiftletVision", "SwiftletCore", "CShims"],
    path: "Tests/VisionCheck", swiftSettings: leaf),
  .executableTarget(
    name: "vision-check", dependencies: ["VisionCheck"], path: "Tests/vision-check"),
  // Sensors, clock limits and lines by hand, for tools/vm.
  .target(
    name: "BoardCheck",
    dependencies: ["SwiftletBoard", "SwiftletPower", "SwiftletCore", "CShims"],
    path: "Tests/BoardCheck", swiftSettings: leaf),
  .executableTarget(
    name: "board-check", dependencies: ["BoardCheck"], path: "Tests/board-check"),
]

let host: [Target] = [
  .systemLibrary(name: "COpenBLAS"),
  .target(
    name: "SwiftletGraph", dependencies: ["SwiftletCore", "COpenBLAS"],
    swiftSettings: [.unsafeFlags(["-O"])]),
  .target(
    name: "SwiftletImport",
    dependencies: [
      "SwiftletGraph", "SwiftletCore", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
    ], swiftSettings: [.unsafeFlags(["-O"])]),
  .target(
    name: "SwiftletWriter", dependencies: ["SwiftletCore"], swiftSettings: [.unsafeFlags(["-O"])]),
  .target(
    name: "SwiftletQuantize", dependencies: ["SwiftletGraph", "SwiftletWriter", "COpenBLAS"],
    swiftSettings: [.unsafeFlags(["-O"])]),
  .target(
    name: "SwiftletSimulator", dependencies: ["SwiftletPower", "SwiftletCore"],
    swiftSettings: [.unsafeFlags(["-O"])]),
  .executableTarget(
    name: "SwiftletCommand",
    dependencies: ["SwiftletDevice", "SwiftletImport", "SwiftletQuantize", "SwiftletSimulator"]),
  .executableTarget(
    name: "kernel-bench",
    dependencies: [
      "SwiftletKernels", "KernelSelfTest", "KernelsAVX2", "KernelsAVX512", "KernelsNEON",
      "KernelsNEONDot",
    ],
    path: "Sources/KernelBench", swiftSettings: [.unsafeFlags(["-O"])]),
]

let tests: [Target] = [
  .testTarget(
    name: "KernelTests",
    dependencies: [
      "SwiftletKernels", "KernelSelfTest", "KernelsAVX2", "KernelsAVX512", "KernelsNEON",
      "KernelsNEONDot",
    ]),
  .testTarget(name: "SwiftletPowerTests", dependencies: ["SwiftletPower", "SwiftletCore"]),
  .testTarget(
    name: "SwiftletBoardTests",
    dependencies: [
      "SwiftletBoard", "SwiftletPower", "SwiftletCore", "CShims", "CFakeKernel", "BoardFaults",
    ]),
  // Answers ioctl calls as the kernel's GPIO chips and the Raspberry Pi's firmware do.
  .target(name: "CFakeKernel", dependencies: ["CShims"], path: "Tests/CFakeKernel"),
  .executableTarget(
    name: "BoardFaults",
    dependencies: [
      "SwiftletBoard", "SwiftletPower", "SwiftletCore", "CFakeKernel", "CAllocationCounter",
    ], path: "Tests/BoardFaults"),
  .testTarget(
    name: "SwiftletSimulatorTests",
    dependencies: ["SwiftletSimulator", "SwiftletPower", "SwiftletCore", "DecisionCheck"]),
  .executableTarget(
    name: "DecisionCheck", dependencies: ["SwiftletPower", "CShims", "CAllocationCounter"],
    path: "Tests/DecisionCheck"),
  .testTarget(
    name: "SwiftletDeviceTests", dependencies: ["SwiftletDevice", "SwiftletCore"]),
  .testTarget(
    name: "SwiftletCommandTests",
    dependencies: [
      "SwiftletCommand", "SwiftletDevice", "SwiftletCore", "SwiftletWriter", "TestSupport",
    ]),
  // The device program under emulation; tools/device builds it first.
  .testTarget(
    name: "DeviceTests", dependencies: ["SwiftletCommand", "SwiftletWriter", "TestSupport"]),
  .testTarget(
    name: "SwiftletQuantizeTests",
    dependencies: [
      "SwiftletQuantize", "SwiftletGraph", "SwiftletWriter", "SwiftletCore", "Swiftlet",
      "SwiftletVision",
    ]),
  .testTarget(name: "SwiftletGraphTests", dependencies: ["SwiftletGraph", "SwiftletCore"]),
  .testTarget(
    name: "SwiftletImportTests",
    dependencies: ["SwiftletImport", "SwiftletGraph", "SwiftletCore"]),
  .testTarget(name: "ArchitectureTests", dependencies: ["SwiftletCore"]),
  .testTarget(
    name: "SwiftletTests",
    dependencies: [
      "Swiftlet", "SwiftletVision", "SwiftletOperators", "SwiftletCore", "SwiftletWriter",
      "TestSupport", "CShims", "MutantRun", "AllocationCheck",
    ]),
  .testTarget(
    name: "SwiftletOperatorsTests",
    dependencies: ["SwiftletOperators", "SwiftletKernels", "SwiftletCore", "TestSupport"]),
  // A camera of the kernel for tests of cameras.
  .target(name: "CFakeCamera", dependencies: ["CShims"], path: "Tests/CFakeCamera"),
  // Programs that tests run as processes.
  .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
  .executableTarget(
    name: "AllocationCheck", dependencies: ["Swiftlet", "CAllocationCounter"],
    path: "Tests/AllocationCheck"),
  .executableTarget(
    name: "GateCheck", dependencies: ["Swiftlet", "SwiftletVision", "SwiftletCore"],
    path: "Tests/GateCheck"),
  .executableTarget(
    name: "MutantRun",
    dependencies: ["Swiftlet", "SwiftletVision", "SwiftletWriter", "TestSupport"],
    path: "Tests/MutantRun"),
  .target(
    name: "TestSupport", dependencies: ["SwiftletCore", "SwiftletWriter"],
    path: "Tests/TestSupport", swiftSettings: [.unsafeFlags(["-O"])],
    linkerSettings: [.linkedLibrary("m")]),
  .executableTarget(
    name: "swiftlet-fuzz", dependencies: ["SwiftletCore", "TestSupport"],
    swiftSettings: [.unsafeFlags(["-O"])]),
  .testTarget(
    name: "SwiftletCoreTests", dependencies: ["SwiftletCore", "SwiftletWriter", "TestSupport"]),
  .testTarget(
    name: "SwiftletWriterTests", dependencies: ["SwiftletCore", "SwiftletWriter", "TestSupport"]),
  .testTarget(
    name: "SwiftletVisionTests",
    dependencies: [
      "SwiftletCore", "SwiftletVision", "vision-check", "FrameAllocationCheck", "CShims",
      "CFakeCamera",
    ],
    exclude: ["Fixtures"]),
  .executableTarget(
    name: "FrameAllocationCheck",
    dependencies: ["SwiftletVision", "CAllocationCounter", "CFakeCamera", "CShims"],
    path: "Tests/FrameAllocationCheck"),
]

let package = Package(
  name: "swiftlet",
  products: [
    .library(name: "Swiftlet", targets: ["Swiftlet", "SwiftletVision"]),
    .executable(name: "swiftlet", targets: ["SwiftletCommand"]),
    .executable(name: "swiftlet-device", targets: ["swiftlet-device"]),
  ],
  traits: [
    .default(enabledTraits: ["Host"]),
    .trait(name: "Host", description: "Full Swift for the building machine"),
    .trait(name: "Embedded", description: "Embedded Swift for the device half"),
    .trait(name: "Device", description: "Embedded, for arm64", enabledTraits: ["Embedded"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0")
  ],
  targets: device + host + tests
)
