// swift-tools-version: 6.2
// A package of its own: tools/consumer builds it against a tagged clone of this repository.
import PackageDescription

let package = Package(
  name: "consumer",
  dependencies: [
    .package(url: Context.environment["SWIFTLET_URL"] ?? "file:///swiftlet", exact: "0.1.0")
  ],
  targets: [
    .executableTarget(
      name: "classify", dependencies: [.product(name: "Swiftlet", package: "swiftlet")])
  ]
)
