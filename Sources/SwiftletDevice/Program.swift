import Swiftlet

/// The program: words in, exit code out.
@c(swiftlet_main)
public func swiftletMain(
  _ count: Int32, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 { 0 }
