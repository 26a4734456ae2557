// Made by tools/profiles from boards/*.toml; a test compares.

/// The boards' profiles without comments and sources.
enum CompiledProfiles {
  static var count: Int { 3 }

  /// Name and text of a profile, in the order of names.
  static func profile(_ index: Int) -> (name: StaticString, text: StaticString) {
    switch index {
    case 0:
      (
        "jetson-nano",
        #"""
        name="jetson-nano"
        title="NVIDIA Jetson Nano 4 GB"
        processor="Tegra210"
        unknown=["power.simd_activity"]
        throttle_source="cooling-devices"
        knobs=["clock","gpu","hotplug"]
        [match]
        compatible=["nvidia,p3450-0000","nvidia,jetson-nano","nvidia,p3541-0000","nvidia,jetson-nano-2gb","nvidia,tegra210"]
        model=["NVIDIA Jetson Nano","Jetson Nano"]
        [[cluster]]
        core="cortex-a57"
        count=4
        features=["asimd","aes","crc32"]
        level1_bytes=32768
        level2_bytes=2097152
        level3_bytes=0
        mhz=[102,204,307,403,518,614,710,825,921,1036,1132,1224,1326,1428,1479]
        volts=[0.84,0.861,0.882,0.901,0.925,0.944,0.964,0.987,1.007,1.03,1.049,1.068,1.089,1.11,1.12]
        [memory]
        bytes_per_s=3.7e9
        [power]
        base_w=0.96
        integer_activity=0.75
        simd_activity=0.98
        leak_w=0.1
        leak_fold_k=30
        joules_per_byte=1.25e-10
        spread=0.3
        idle_w_per_ghz=0.72
        [thermal]
        die_k_per_w=1.5
        board_k_per_w=1.6
        die_s=15
        board_s=300
        ambient_c=25
        limit_c=90
        throttle_c=97
        [[sensor]]
        driver="ina3221"
        total=["POM_5V_IN"]
        part=["POM_5V_GPU","POM_5V_CPU"]
        [[sensor]]
        driver="ina3221x"
        total=["POM_5V_IN"]
        part=["POM_5V_GPU","POM_5V_CPU"]
        [gpu]
        name="Maxwell, 128 cores"
        devfreq=[".gpu"]
        mhz=[76.8,921.6]
        w_per_ghz=1.4
        [camera]
        w=0.5
        hint="CSI cameras: gst-launch-1.0 nvarguscamerasrc ... | swiftlet camera NET -c -"
        [[mode]]
        name="MAXN"
        cores=4
        mhz=1479
        gpu_mhz=921.6
        [[mode]]
        name="5W"
        cores=2
        mhz=918
        gpu_mhz=640
        """#
      )
    case 1:
      (
        "raspberry-pi-4b",
        #"""
        name="raspberry-pi-4b"
        title="Raspberry Pi 4 Model B"
        processor="BCM2711"
        throttle_source="raspberry-pi"
        knobs=["clock"]
        [match]
        compatible=["raspberrypi,4-model-b","raspberrypi,400","raspberrypi,4-compute-module","brcm,bcm2711"]
        model=["Raspberry Pi 4 Model B","Raspberry Pi 400","Raspberry Pi Compute Module 4"]
        [[cluster]]
        core="cortex-a72"
        count=4
        features=["asimd","crc32"]
        level1_bytes=32768
        level2_bytes=1048576
        level3_bytes=0
        mhz=[600,700,800,900,1000,1100,1200,1300,1400,1500,1600,1700,1800]
        volts=[0.86,0.86,0.86,0.86,0.86,0.86,0.86,0.86,0.86,0.86,0.882,0.904,0.926]
        [memory]
        bytes_per_s=2.3e9
        [power]
        base_w=1.75
        integer_activity=0.48
        simd_activity=0.71
        leak_w=0.1
        leak_fold_k=30
        joules_per_byte=1.25e-10
        spread=0.3
        [thermal]
        die_k_per_w=4.44
        board_k_per_w=5.0
        die_s=15
        board_s=300
        ambient_c=25
        limit_c=78
        throttle_c=80
        throttle_mhz=[1500,1000,750,600]
        [[sensor]]
        driver="ina2xx"
        total=[""]
        [gpu]
        name="VideoCore VI"
        mhz=[250,500]
        [camera]
        w=0.5
        hint="CSI cameras: rpicam-vid -t 0 --codec yuv420 -o - | swiftlet camera NET -c -"
        [gpio]
        chip="pinctrl-bcm2711"
        wake=["GPIO17","GPIO27","GPIO22"]
        """#
      )
    default:
      (
        "raspberry-pi-5",
        #"""
        name="raspberry-pi-5"
        title="Raspberry Pi 5 Model B"
        processor="BCM2712"
        unknown=["thermal.die_k_per_w","thermal.board_k_per_w","thermal.die_s","thermal.board_s"]
        throttle_source="raspberry-pi"
        knobs=["clock"]
        [match]
        compatible=["raspberrypi,5-model-b","raspberrypi,500","raspberrypi,5-compute-module","brcm,bcm2712"]
        model=["Raspberry Pi 5 Model B","Raspberry Pi 500","Raspberry Pi Compute Module 5"]
        [[cluster]]
        core="cortex-a76"
        count=4
        features=["asimd","asimddp","asimdhp","aes","atomics","crc32"]
        level1_bytes=65536
        level2_bytes=524288
        level3_bytes=2097152
        mhz=[1500,1600,1700,1800,1900,2000,2100,2200,2300,2400]
        volts=[0.72,0.755,0.77,0.785,0.8,0.81,0.825,0.84,0.855,0.865]
        [memory]
        bytes_per_s=4.8e9
        [power]
        base_w=2.8
        integer_activity=0.88
        simd_activity=1.11
        leak_w=0.1
        leak_fold_k=30
        joules_per_byte=1.25e-10
        spread=0.3
        [thermal]
        die_k_per_w=3.0
        board_k_per_w=3.0
        die_s=15
        board_s=200
        ambient_c=25
        limit_c=78
        throttle_c=80
        fan_c=[50,60,67.5,75]
        fan_ratio=[0.3,0.5,0.7,1.0]
        [[sensor]]
        driver="ina2xx"
        total=[""]
        [[sensor]]
        driver="pmic"
        ignored=[""]
        [gpu]
        name="VideoCore VII"
        [camera]
        w=0.5
        hint="CSI cameras: rpicam-vid -t 0 --codec yuv420 -o - | swiftlet camera NET -c -"
        [gpio]
        chip="pinctrl-rp1"
        wake=["GPIO17","GPIO27","GPIO22"]
        """#
      )
    }
  }
}
