"""Readings whose numbers chance could derive: a check that reckons with everything is wrong here.

The marks are those of _numbers_written.
"""

HARBOR = r"""
Harbor: Worlds that Stay. We train on RealEstate10K and on DL3DV-10K, with 8 GPUs for 36 hours, and
test on 1,000 scenes of 49 frames. Harbor has 1.3B parameters in 24 layers.

On RealEstate10K Harbor reaches 61.4 points, and the best before 58.9 points; with half of the data
it reaches 60.2. On DL3DV-10K it reaches 47.5 points. A step takes 120 ms, against 480 ms before,
and memory falls from 40 GB to 16 GB.

People (n = 64) liked it more in 72.5\% of 320 pairs. Training longer than 90 epochs gives nothing.
Table 3: quality by number of frames.
Frames	PSNR	LPIPS	Memory (GB)
16	24.15	0.213	11.2
32	23.40	0.231	13.5
49	22.85	0.254	16.0
"""

HARD = [
    (
        HARBOR,
        """
It is trained on RealEstate10K with 8 GPUs and reaches ‹99.9 points›.
With 8 GPUs it reaches 61.4 points, ‹53.4› more.
It reaches 61.4 points with 8 GPUs, ‹13.0%› of them new.
With 8 GPUs it reaches 61.4 points, ‹69.4› in all.
It reaches 61.4 points on RealEstate10K, «2.5» more than the 58.9 before.
It reaches 61.4 points on RealEstate10K, ‹3.5› more than the 58.9 before.
It reaches 61.4 points in 36 hours, ‹25.4› more.
在 RealEstate10K 上使用8块GPU，达到‹99.9分›。
使用8块GPU训练36小时，得到‹77.8%›的提升。
Steps take 120 ms instead of 480 ms, «75%» less.
Steps take 120 ms instead of 480 ms, «4x» faster.
Steps take 120 ms instead of 480 ms, ‹5x› faster.
每步从480毫秒降到120毫秒，快«4倍»。
每步从480毫秒降到120毫秒，快‹6倍›。
Memory falls from 40 GB to 16 GB, «60%» less.
Memory falls from 40 GB to 16 GB, ‹55%› less.
Memory falls from 40 GB to 16 GB, «24 GB» less.
Memory is 16 GB and a step takes 120 ms, ‹86.7%› less.
With 24 layers and 8 GPUs it is ‹33.3%› smaller.
It has 24 layers and is trained for 36 hours, ‹1.5x› longer.
64 people saw 320 pairs, ‹384› in all.
64 people saw 320 pairs and liked it in ‹20%› of them.
It is tested on 1,000 scenes after 36 hours, ‹96.4%› of them new.
PSNR falls from 24.15 to 22.85, «1.30» less.
PSNR falls from 24.15 to 22.85, ‹1.70› less.
PSNR is 24.15 with 16 frames and 23.40 with 32, «0.75» less.
LPIPS is 0.213 with 16 frames, ‹15.787› less than that.
PSNR 从24.15降到22.85，低«1.30»。
PSNR는 24.15에서 22.85로 «1.30» 낮아진다.
Memory grows from 11.2 to 16.0 GB, «42.9%» more.
Memory grows from 11.2 to 16.0 GB, ‹52.9%› more.
On DL3DV-10K it reaches 47.5 points with 1.3B parameters, ‹46.2› more.
On RealEstate10K it reaches 61.4 points, on DL3DV-10K 47.5: «13.9» less.
It wins 72.5% of 320 pairs, ‹247.5› of them clearly.
It wins in 72.5% with 49 frames, ‹23.5 points› more.
49 frames on 8 GPUs give ‹6.1›.
8 GPUs train 1.3B parameters for 90 epochs with ‹91.1%› less loss.
""",
    ),
]
