// Dense convolution with blocks of channels left out, as plain loops.

/// As `referenceConvolve`, over the live blocks of the output; a channel of the input whose block
/// is not live counts as its mean.
public func referenceConvolveLive(
  _ job: ConvolutionJob, _ live: LiveChannels, storageXor: UInt8
) {
  // The last block of 8 or fewer channels has one half of its groups.
  let isHalf = job.groups < live.blocks * live.blockGroups
  for pixel in job.firstPixel..<job.endPixel {
    let y = pixel / job.width
    let x = pixel % job.width
    let input = job.input + y * job.rowStep + x * job.pixelStep
    for n in job.firstChannel..<job.endChannel where live.isOutputLive(n / 16) {
      var acc = referenceInt32(job.epilogue.biasU8, n)
      for g in 0..<job.groups {
        let block = g / live.blockGroups
        let half = isHalf && block == live.blocks - 1 ? 0 : g % 2
        let from = input + Int(referenceInt32(job.offsets, g))
        for i in 0..<8 {
          let q: UInt8
          if live.isInputLive(block) {
            q = (from + i).load(as: UInt8.self) ^ storageXor
          } else {
            q = (live.means + block * 16 + half * 8 + i).load(as: UInt8.self)
          }
          acc &+= Int32(q) * Int32(referenceWeight(job, n, g, i))
        }
      }
      referenceFinish(job, acc, n, y, x, storageXor)
    }
  }
}
