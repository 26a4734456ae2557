/// Channels of two to four inputs one after another; all share the output's scale.
enum Concat {
  static func run(_ job: PortableJob) {
    var at = 0
    for i in 0..<job.inputCount {
      let (view, channels) = input(job, i)
      // An input that the plan placed inside the output is there already.
      if view.base != job.output.address(at / 16, 0, 0) || at % 16 != 0 {
        for y in 0..<job.output.height {
          Portable.copyChannels(
            from: view, 0, y, 0, step: 1, to: job.output, at, y, count: channels)
        }
      }
      at += channels
    }
  }

  private static func input(_ job: PortableJob, _ i: Int) -> (TensorView, Int) {
    switch i {
    case 0: (job.inputs.0, job.channels.0)
    case 1: (job.inputs.1, job.channels.1)
    case 2: (job.inputs.2, job.channels.2)
    default: (job.inputs.3, job.channels.3)
    }
  }
}
