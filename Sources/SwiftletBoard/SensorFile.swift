import CShims
import SwiftletCore
