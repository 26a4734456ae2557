// Made by tools/rates, which tells how; do not edit. Cycles on a core.

let cortexA53Cycles: [Float] = [
  0.6744, 83.07, 0,  // matrixInt8
  0.4572, 88.04, 0.6945,  // matrixCode4
  0.6771, 77.92, 0.5649,  // matrixNested8
  0.6875, 67.41, 0.9199,  // windowInt8
  0.459, 78.65, 0.7196,  // windowCode4
  0.6875, 67.41, 0.9199,  // windowNested8
  0.6336, 99.46, 0,  // pixelsInt8
  0.6336, 99.46, 0,  // pixelsCode4
  0.6336, 99.46, 0,  // pixelsNested8
  0.5834, 0, 0,  // vectorInt8
  0.735, 237.8, 0,  // vectorCode4
  1.284, 287.2, 0,  // vectorNested8
  0, 137, 0,  // depthwise3
  1.031, 0, 0,  // depthwise3By2
  0, 324.8, 0,  // depthwise5
  0.8699, 0, 0,  // depthwise5By2
  0, 324.8, 0,  // depthwiseOther
  0, 98.14, 0,  // add
  0, 98.14, 0,  // multiply
  0, 87.34, 0,  // scaleChannels
  0, 34.7, 0,  // lookup
  0.02727, 65.54, 0,  // maxPool
  0.02727, 65.54, 0,  // averagePool
  0.5477, 347.4, 0,  // globalAverage
  0, 17.94, 0,  // copy
  0, 401.1, 0,  // portable
  56.95, 107.7, 19.54, 1213,  // residual, hardSwish, float; step
]

let cortexA57Cycles: [Float] = [
  0.1259, 25.12, 0,  // matrixInt8
  0.1317, 25.12, 0.2304,  // matrixCode4
  0.1253, 25.62, 0.4068,  // matrixNested8
  0.1312, 29.26, 0.3877,  // windowInt8
  0.1255, 29.13, 0.2338,  // windowCode4
  0.1312, 29.26, 0.3877,  // windowNested8
  0.1267, 32.61, 0,  // pixelsInt8
  0.1267, 32.61, 0,  // pixelsCode4
  0.1267, 32.61, 0,  // pixelsNested8
  0.1314, 0, 0,  // vectorInt8
  0.2112, 96.49, 0,  // vectorCode4
  0.395, 110.1, 0,  // vectorNested8
  0.3511, 0, 0,  // depthwise3
  0.4019, 0, 0,  // depthwise3By2
  0.2617, 0, 0,  // depthwise5
  0.2839, 0, 0,  // depthwise5By2
  0.2617, 0, 0,  // depthwiseOther
  0, 38.37, 0,  // add
  0, 38.37, 0,  // multiply
  0, 25.73, 0,  // scaleChannels
  0, 20.83, 0,  // lookup
  0.009076, 28.83, 0,  // maxPool
  0.009076, 28.83, 0,  // averagePool
  0.2188, 134, 0,  // globalAverage
  0, 11.96, 0,  // copy
  0, 87.47, 0,  // portable
  17.47, 27.36, 0, 822,  // residual, hardSwish, float; step
]

let cortexA72Cycles: [Float] = [
  0.1259, 25.12, 0,  // matrixInt8
  0.1317, 25.12, 0.2304,  // matrixCode4
  0.1253, 25.62, 0.4068,  // matrixNested8
  0.1312, 29.26, 0.3877,  // windowInt8
  0.1255, 29.13, 0.2338,  // windowCode4
  0.1312, 29.26, 0.3877,  // windowNested8
  0.1267, 32.61, 0,  // pixelsInt8
  0.1267, 32.61, 0,  // pixelsCode4
  0.1267, 32.61, 0,  // pixelsNested8
  0.1314, 0, 0,  // vectorInt8
  0.2112, 96.49, 0,  // vectorCode4
  0.395, 110.1, 0,  // vectorNested8
  0.3511, 0, 0,  // depthwise3
  0.4019, 0, 0,  // depthwise3By2
  0.2617, 0, 0,  // depthwise5
  0.2839, 0, 0,  // depthwise5By2
  0.2617, 0, 0,  // depthwiseOther
  0, 38.37, 0,  // add
  0, 38.37, 0,  // multiply
  0, 25.73, 0,  // scaleChannels
  0, 20.83, 0,  // lookup
  0.009076, 28.83, 0,  // maxPool
  0.009076, 28.83, 0,  // averagePool
  0.2188, 134, 0,  // globalAverage
  0, 11.96, 0,  // copy
  0, 87.47, 0,  // portable
  17.47, 27.36, 0, 822,  // residual, hardSwish, float; step
]

let neoverseN1Cycles: [Float] = [
  0.03158, 20.01, 0,  // matrixInt8
  0.03148, 19.73, 0.1382,  // matrixCode4
  0.03133, 20.01, 0.2393,  // matrixNested8
  0.03125, 26.39, 0.2515,  // windowInt8
  0.03136, 26.37, 0.1406,  // windowCode4
  0.03125, 26.39, 0.2515,  // windowNested8
  0.03169, 25.63, 0,  // pixelsInt8
  0.03169, 25.63, 0,  // pixelsCode4
  0.03169, 25.63, 0,  // pixelsNested8
  0.0375, 0, 0,  // vectorInt8
  0.09361, 74.05, 0,  // vectorCode4
  0.2008, 89.18, 0,  // vectorNested8
  0.1949, 0, 0,  // depthwise3
  0.2555, 0, 0,  // depthwise3By2
  0.1193, 0, 0,  // depthwise5
  0.1587, 0, 0,  // depthwise5By2
  0.1193, 0, 0,  // depthwiseOther
  0, 30.81, 0,  // add
  0, 30.81, 0,  // multiply
  0, 22.34, 0,  // scaleChannels
  0, 11.94, 0,  // lookup
  0.002555, 18.1, 0,  // maxPool
  0.002555, 18.1, 0,  // averagePool
  0.1518, 113, 0,  // globalAverage
  0, 13.11, 0,  // copy
  0, 61.6, 0,  // portable
  11.71, 11.7, 0, 606.5,  // residual, hardSwish, float; step
]

let neoverseN1PlainCycles: [Float] = [
  0.1257, 25.67, 0,  // matrixInt8
  0.1436, 24.14, 0.1163,  // matrixCode4
  0.1253, 26.06, 0.266,  // matrixNested8
  0.1371, 27.1, 0.2544,  // windowInt8
  0.1254, 27.49, 0.137,  // windowCode4
  0.1371, 27.1, 0.2544,  // windowNested8
  0.1273, 34.55, 0,  // pixelsInt8
  0.1273, 34.55, 0,  // pixelsCode4
  0.1273, 34.55, 0,  // pixelsNested8
  0.13, 0, 0,  // vectorInt8
  0.1487, 74.85, 0,  // vectorCode4
  0.2601, 84.13, 0,  // vectorNested8
  0, 54.27, 0,  // depthwise3
  0, 57.3, 0,  // depthwise3By2
  0.2549, 0, 0,  // depthwise5
  0.2707, 0, 0,  // depthwise5By2
  0.2549, 0, 0,  // depthwiseOther
  0, 31.82, 0,  // add
  0, 31.82, 0,  // multiply
  0, 22.34, 0,  // scaleChannels
  0, 11.95, 0,  // lookup
  0.002578, 18.12, 0,  // maxPool
  0.002578, 18.12, 0,  // averagePool
  0.152, 110.1, 0,  // globalAverage
  0, 13.11, 0,  // copy
  0, 61.61, 0,  // portable
  12.94, 11.71, 0, 589.9,  // residual, hardSwish, float; step
]

let hostCycles: [Float] = [
  0.005563, 0.6519, 0.02835,  // matrixInt8
  0.005649, 0.6576, 0.05112,  // matrixCode4
  0.005563, 0.6519, 0.02835,  // matrixNested8
  0.005109, 1.999, 0.1134,  // windowInt8
  0.005109, 1.999, 0.1134,  // windowCode4
  0.005109, 1.999, 0.1134,  // windowNested8
  0.00683, 1.13, 0,  // pixelsInt8
  0.00683, 1.13, 0,  // pixelsCode4
  0.00683, 1.13, 0,  // pixelsNested8
  0.01702, 0, 0,  // vectorInt8
  0.01702, 0, 0,  // vectorCode4
  0.03068, 0, 0,  // vectorNested8
  0.02514, 0, 0,  // depthwise3
  0.04216, 0, 0,  // depthwise3By2
  0.02954, 0, 0,  // depthwise5
  0.03502, 0, 0,  // depthwise5By2
  0.02954, 0, 0,  // depthwiseOther
  0, 2.138, 0,  // add
  0, 2.138, 0,  // multiply
  0, 1.542, 0,  // scaleChannels
  0, 1.008, 0,  // lookup
  0.0009174, 9.07, 0,  // maxPool
  0.0009174, 9.07, 0,  // averagePool
  0.02025, 77.78, 0,  // globalAverage
  0, 7.219, 0,  // copy
  0, 15.51, 0,  // portable
  0, 1.795, 2.788, 538.7,  // residual, hardSwish, float; step
]
