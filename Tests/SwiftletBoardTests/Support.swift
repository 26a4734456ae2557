import SwiftletBoard
import Testing
