import SwiftletDevice
@main enum Main { static func main() {} }
