extension KernelSet {
  /// The scalar reference, which runs anywhere; activations are stored as q.
  public static var reference: KernelSet { reference(storageXor: 0) }

  /// The scalar reference with the storage of another set: 0 (q) or 0x80 (q - 128).
  public static func reference(storageXor: UInt8) -> KernelSet {
    KernelSet(
      name: "reference", storageXor: storageXor,
      convolve: { referenceConvolve($0, storageXor: storageXor) },
      depthwise: { referenceDepthwise($0, storageXor: storageXor) },
      add: { referenceAdd($0, storageXor: storageXor) },
      multiply: { referenceMultiply($0, storageXor: storageXor) },
      scaleChannels: { referenceScaleChannels($0, storageXor: storageXor) },
      lookup: { referenceLookup($0) },
      maxPool: { referenceMaxPool($0, storageXor: storageXor) },
      averagePool: { referenceAveragePool($0, storageXor: storageXor) },
      globalAverage: { referenceGlobalAverage($0, storageXor: storageXor) },
      convolveLive: { referenceConvolveLive($0, $1, storageXor: storageXor) })
  }
}
