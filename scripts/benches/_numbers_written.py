# ruff: noqa: E501
"""Readings with known answers for the number check: papers invented, every number chosen by hand.

In a reading, ‹…› stands around a number that the source does not hold, «…» around one that follows
from two of the source; every other number is held by it. The marks are no part of the text.
"""

ATTIC = r"""
Attic: Memory That Throws Away. Robots forget where they put things. We introduce Attic, a memory of
$1{,}024$ slots on top of Qwen2.5-VL-7B-Instruct. Attic reaches 71.4\% success on HomeBench-50, up
from 64.9\% for the strongest baseline, and is $3.2\times$ faster. In three stages we train on
1.2 million clips (about 40K hours) with AdamW, a learning rate of $1\times10^{-4}$ and a weight
decay of 0.05. Stage 1 runs for 6 epochs, Stage 2 for 12 epochs with a batch size of 256 on
8$\times$H100 GPUs (80GB), which takes 14.5 hours. Latency falls from 182 ms to 61 ms.
Between 10 and 20% of slots are never read. We use $\lambda=0.35$, $\tau_{1}=0.7$, and LoRA with
rank $r=64$. The method halves the memory, from 24.6 GB to 12.3 GB, and uses two orders of magnitude
fewer tokens. Human raters (n = 1,250) prefer it in 83.27\% of cases (p < 0.001).
Table 2: success and SPL by method.
Method	Success (%)	SPL	Params
SayPlan	48.30	0.312	13B
ConceptGraphs	57.15	0.401	7B
VoxPoser	64.90	0.447	7B
Attic (ours)	71.40	0.523	7B
Attic w/o pruning	66.05	0.468	7B
"""

LOOM = r"""
Loom: A Language Model of 70 Billion Parameters Trained on 15T Tokens. We describe Loom-70B and
Loom-8B. Pre-training takes 6.4M GPU hours on 16,384 H100 GPUs; the peak learning rate is 8e-5 after
8,000 warm-up steps, decayed to $8\times10^{-7}$ over 1,200,000 steps. The context grows from 8K to
128K tokens in six steps. Batch size rises from 4M to 16M tokens. Perplexity drops by 4.1\%, from
8.75 to 8.39. Loom-70B attains 86.1 on MMLU (5-shot), 51.3 on GPQA and 88.4 on HumanEval (pass@1),
while GPT-4o reaches 87.2, 53.6 and 90.2. With 4-bit weights throughput is 2.4x higher and accuracy
loses 0.6 points. Loom-8B scores 69.4. The vocabulary has 128,256 entries, 32 of them reserved.
Twenty-five languages are covered. In 2024 we asked 1,847 people. The cost was \$3.1 million.
Emissions were 2.29 kt. The tokenizer gives 3.94 characters per token, against 3.17 before.
We filter at thresholds of 0.2, 0.5 and 0.8. Training is stable: fewer than 1\% of steps are skipped,
and 466 interruptions were seen in 54 days, 78\% of them by hardware.
Benchmark	Loom-8B	Loom-70B	GPT-4o
MMLU	69.4	86.1	87.2
GSM8K	84.5	95.1	96.1
MATH	51.9	68.0	76.6
HumanEval	72.6	88.4	90.2
"""

TIDE = r"""
Tide: Diffusion at 25 Frames per Second. Tide generates 81 frames of 720p video ($1280\times720$) in
3.24 s on one A100, 21.6 times faster than Wan2.1-14B. It has 1.3B parameters in 30 layers, 12 heads
and patches of $2\times2$. FVD improves from 312.5 to 248.75 on UCF-101, IS from 86.55 to 116.70.
We distil 50 steps into 4, with a guidance scale of 6.0 and EMA of 0.9999. The set holds 2,410,000
clips, of which 5\% are held out; 37.5\% have captions of more than 100 words. The learning rate is
$2\cdot10^{-5}$ for the first 20k iterations and $5\times 10^{-6}$ afterwards. CLIP score is
$0.318\pm0.004$ and motion smoothness $98.7\%$. A user study with 48 people gives Tide 62.5\% of the
votes. Memory is 18.9 GB against 44.2 GB. Quality falls by $-$2.3 dB at 0.5 bpp, and PSNR is 28.41.
Ablation: without the tide loss FVD is 291.0; with $K=16$ it is 255.2. Code: version 1.4.2.
Setting	FVD	CLIP	Delta
base	312.5	0.297	0
+ tide loss	274.1	0.309	-38.4
+ distillation	248.75	0.318	-63.75
"""

# (source, readings by lines)
WRITTEN = [
    (
        ATTIC,
        """
Attic reaches 71.4% success on HomeBench-50.
Attic reaches ‹74.1%› success on HomeBench-50.
It is 3.2 times faster than the baseline.
It is ‹3.7 times› faster than the baseline.
The memory has 1024 slots; it is built on Qwen2.5-VL-7B-Instruct.
The memory has 1,024 slots on top of ‹Qwen3-VL-8B›.
Success rises from 64.9% to 71.4%, «6.5 points» more.
Success rises from 64.9% to 71.4%, ‹8.2 points› more.
Trained on 1.2M clips with a learning rate of 1e-4.
Trained on ‹1.5M› clips with a learning rate of ‹3e-4›.
Training: 6 epochs, then 12 epochs, batch size 256 on 8 H100 GPUs.
Training: ‹9 epochs›, then 12 epochs, batch size ‹512› on 8×H100.
It takes 14.5 h on H100 GPUs with 80 GB.
It takes ‹41.5 h› on ‹A100› GPUs with ‹40 GB›.
Latency falls from 182 ms to 61 ms.
Latency falls from 182 ms to 61 ms, «66.5%» less.
Latency falls from 182 ms to 61 ms, ‹72.5%› less.
About 83% of 1,250 raters prefer it.
83.3% of raters prefer it (n = 1250).
‹88.3%› of raters prefer it (n = ‹2,150›).
SPL is 0.523, against 0.447 for VoxPoser, «0.076» more.
SPL is 52.3%, against 44.7% for VoxPoser.
SPL is ‹0.532›, against 0.447.
Success without pruning is 66.05, «5.35» below 71.40.
Success without pruning is ‹65.06›.
The rank of LoRA is 64 and lambda is 0.35.
The rank of LoRA is ‹128› and lambda is ‹0.53›.
10-20% of the slots are never read.
‹15–25%› of the slots are never read.
Memory falls from 24.6 GB to 12.3 GB.
Memory falls from 24.6 GB to ‹13.2 GB›.
It needs 100 times fewer tokens.
It needs 100x fewer tokens and half the memory.
It has 3 stages.
The model has 7B parameters; SayPlan has 13B.
The model has ‹9B› parameters; SayPlan has ‹34B›.
Weight decay 0.05, p < 0.001.
Weight decay ‹0.01›, p < 0.001.
Trained on 40,000 hours of video.
Trained on ‹400,000› hours of video.
在 HomeBench-50 上成功率达到 71.4%。
在 HomeBench-50 上成功率达到 ‹73.4%›。
成功率从64.9%提升至71.4%，提高«6.5个百分点»。
成功率从64.9%提升至71.4%，提高‹7.5个百分点›。
推理速度提升3.2倍，延迟从182毫秒降到61毫秒。
推理速度提升‹4.2倍›，延迟降到‹51毫秒›。
使用120万段视频（约4万小时）训练。
使用‹210万›段视频（约‹5万›小时）训练。
学习率为１×10⁻⁴，权重衰减为０．０５。
学习率为‹2×10⁻⁴›，权重衰减为‹0.1›。
1. 模型：基于 Qwen2.5-VL-7B-Instruct。2. 训练：Stage1训练6个epoch，Stage2训练12个epoch。3. 推理：1024个槽位。
批大小为256，使用8块H100（80GB），耗时14.5小时。
批大小为‹384›，使用‹24块›H100，耗时‹15.4小时›。
约百分之83的评审者偏好该方法。
百分之‹93›的评审者偏好该方法。
显存从24.6GB降至12.3GB，减少50%。
显存减少一半，词元减少100倍。
SPL 由0.447升至0.523，相对提升«17.0%»。
SPL 由0.447升至0.523，相对提升‹19.0%›。
模型规模为70亿参数，SayPlan 为130亿。
模型规模为‹80亿›参数，SayPlan 为‹120亿›。
训练分为3个阶段，LoRA 秩为64。
10%～20%的槽位从未被读取。
HomeBench-50에서 71.4%의 성공률을 달성했다.
HomeBench-50에서 ‹77.4%›의 성공률을 달성했다.
성공률이 64.9%에서 71.4%로 «6.5%p» 올랐다.
성공률이 64.9%에서 71.4%로 ‹9.5%p› 올랐다.
속도는 3.2배 빠르고 지연은 182ms에서 61ms로 줄었다.
속도는 ‹2.3배› 빠르고 지연은 ‹16ms›로 줄었다.
120만 개의 클립(약 4만 시간)으로 학습했다.
‹12만› 개의 클립으로 학습했다.
학습률 1e-4, 배치 크기 256, 8개의 H100을 사용한다.
학습률 ‹3e-3›, 배치 크기 ‹128›, ‹32개›의 H100을 사용한다.
참가자 1,250명 중 83.27퍼센트가 선호했다.
참가자 ‹1,520명› 중 ‹82.37퍼센트›가 선호했다.
70억 파라미터 모델로 14.5시간 학습했다.
메모리는 24.6GB에서 12.3GB로 절반이 되었다.
3단계로 학습하며 슬롯은 1024개다.
""",
    ),
    (
        LOOM,
        """
Loom-70B has 70B parameters and saw 15 trillion tokens.
Loom-70B has 70B parameters and saw ‹18 trillion› tokens.
It used 16384 H100 GPUs for 6.4 million GPU hours.
It used ‹24,576› H100 GPUs for ‹7.4 million› GPU hours.
The peak learning rate is 8×10^-5, decayed to 8e-7.
The peak learning rate is ‹6×10^-5›, decayed to ‹8e-6›.
Warm-up takes 8k steps of 1.2M.
Warm-up takes ‹2k› steps of ‹2.1M›.
The context grows from 8K to 128K tokens in 6 steps.
The context grows from ‹4K› to ‹256K› tokens.
MMLU is 86.1 (5-shot), «1.1» below GPT-4o with 87.2.
MMLU is 86.1 (5-shot), ‹1.6› below GPT-4o with 87.2.
MMLU is ‹81.6›.
HumanEval pass@1 is 88.4%.
HumanEval pass@1 is ‹84.8%›.
GPT-4o reaches 87.2, 53.6 and 90.2.
‹GPT-5› reaches 87.2, 53.6 and ‹92.0›.
Perplexity drops from 8.75 to 8.39, by 4.1%.
Perplexity drops from 8.75 to ‹8.93›, by ‹4.6%›.
4-bit weights give 2.4 times the throughput and lose 0.6 points.
‹3-bit› weights give ‹2.9 times› the throughput and lose ‹0.9 points›.
The vocabulary has 128,256 entries.
The vocabulary has ‹182,256› entries.
25 languages are covered.
‹35› languages are covered.
In 2024, 1,847 people were asked.
In ‹2023›, ‹1,784› people were asked.
It cost $3.1M.
It cost ‹$1.3M›.
MATH rises from 51.9 to 68.0, «16.1» more, with 70B parameters.
MATH rises from 51.9 to 68.0, ‹18.1› more, with 70B parameters.
GSM8K is 95.1, and 84.5 for the small model.
GSM8K is ‹95.7›, and ‹85.4› for the small model.
Thresholds are 0.2, 0.5 and 0.8.
Thresholds are 0.2, ‹0.4› and 0.8.
78% of 466 interruptions in 54 days were hardware.
‹87%› of ‹664› interruptions in ‹45› days were hardware.
Less than 1% of steps are skipped.
Less than ‹3%› of steps are skipped.
Emissions were about 2.3 kt.
Emissions were about ‹3.2 kt›.
3.94 characters per token against 3.17, «24.3%» more.
3.94 characters per token against 3.17, ‹42.3%› more.
Batches grow from 4M to 16M tokens, «4 times» as large.
Batches grow from 4M to 16M tokens, ‹6 times› as large.
Loom-70B 拥有700亿参数，在15万亿词元上训练。
Loom-70B 拥有‹720亿›参数，在‹18万亿›词元上训练。
使用16384块H100，共640万GPU小时。
使用‹1638块›H100，共‹460万›GPU小时。
峰值学习率8e-5，预热8000步，总步数120万。
峰值学习率‹9e-5›，预热‹6000步›，总步数‹210万›。
上下文从8K扩展到128K，共6步。
上下文从‹16K›扩展到‹512K›。
MMLU 得分86.1，比 GPT-4o 的87.2低«1.1»分。
MMLU 得分86.1，比 GPT-4o 的87.2低‹2.4›分。
HumanEval 为88.4%，GPQA 为51.3%。
HumanEval 为‹89.4%›，GPQA 为‹53.1%›。
困惑度从8.75降到8.39，下降4.1%。
困惑度从8.75降到8.39，下降‹5.3%›。
4比特量化吞吐提升2.4倍，仅损失0.6个百分点。
词表大小为12.8万。
词表大小为‹15.2万›。
覆盖25种语言，调查了1847人。
覆盖‹52种›语言，调查了‹1478人›。
成本为310万美元，54天内中断466次。
成本为‹130万›美元，‹64天›内中断‹446次›。
MATH 从51.9升至68.0，提高«16.1»。
（1）预训练（2）微调（3）评测：MMLU 86.1。
Loom-70B는 700억 파라미터로 15조 토큰을 학습했다.
Loom-70B는 ‹900억› 파라미터로 ‹12조› 토큰을 학습했다.
16,384개의 H100으로 640만 GPU 시간을 썼다.
‹13,684개›의 H100으로 ‹540만› GPU 시간을 썼다.
문맥은 8K에서 128K로 늘어난다.
문맥은 8K에서 ‹64K›로 늘어난다.
MMLU 86.1점으로 GPT-4o의 87.2점보다 «1.1»점 낮다.
MMLU 86.1점으로 GPT-4o의 87.2점보다 ‹3.1›점 낮다.
4비트에서 처리량이 2.4배이고 0.6포인트만 잃는다.
‹2비트›에서 처리량이 ‹4.2배›이다.
어휘는 128,256개, 25개 언어를 다룬다.
어휘는 ‹128,562개›, ‹27개› 언어를 다룬다.
2024년에 1,847명에게 물었고 비용은 310만 달러다.
당혹도는 8.75에서 8.39로 4.1% 줄었다.
1만 6,384개의 H100을 썼다.
1만 ‹6,834개›의 GPU를 썼다.
""",
    ),
    (
        TIDE,
        """
Tide makes 81 frames of 1280×720 video in 3.24 s.
Tide makes ‹18 frames› of ‹1920×1080› video in ‹4.23 s›.
It is 21.6x faster than Wan2.1-14B.
It is ‹26.1x› faster than ‹Wan2.2-14B›.
The model has 1.3 billion parameters, 30 layers and 12 heads.
The model has ‹3.1 billion› parameters, ‹36 layers› and ‹18 heads›.
FVD improves from 312.5 to 248.75 on UCF-101, «20.4%» better.
FVD improves from 312.5 to 248.75 on UCF-101, ‹24.0%› better.
FVD improves by 63.75.
FVD improves by ‹67.35›.
IS rises from 86.55 to 116.7, «30.15» more.
IS rises from 86.55 to ‹117.6›.
50 steps are distilled into 4, «12.5x» fewer.
50 steps are distilled into ‹8›.
The learning rate is 2e-5 for 20,000 iterations, then 5e-6.
The learning rate is ‹2e-4› for ‹25,000› iterations, then ‹5e-7›.
2.41 million clips, 5% held out.
‹4.21 million› clips, ‹15%› held out.
The CLIP score is 0.318 ± 0.004.
The CLIP score is ‹0.381› ± ‹0.007›.
Motion smoothness is 98.7%, EMA 0.9999.
Motion smoothness is ‹97.8%›, EMA ‹0.999›.
48 people gave Tide 62.5% of their votes.
‹84› people gave Tide ‹65.2%› of their votes.
Memory is 18.9 GB instead of 44.2 GB, «57%» less.
Memory is 18.9 GB instead of 44.2 GB, ‹75%› less.
PSNR is 28.4 dB.
PSNR is ‹24.8 dB›.
Quality changes by -2.3 dB at 0.5 bpp.
Quality changes by ‹+2.3 dB› at 0.5 bpp.
It runs at 25 frames per second.
It runs at ‹52› frames per second.
37.5% of captions have over 100 words.
‹35.7%› of captions have over ‹150› words.
Version 1.4.2 of the code is used.
Version ‹1.5.0› of the code is used.
Without the tide loss FVD is 291; with K=16 it is 255.2.
Without the tide loss FVD is ‹219›; with K=16 it is ‹252.5›.
Tide 在一块A100上用3.24秒生成81帧720p视频。
Tide 在一块‹A800›上用‹2.34秒›生成‹91帧›视频。
比 Wan2.1-14B 快21.6倍。
比 Wan2.1-14B 快‹12.6倍›。
模型有13亿参数、30层、12个注意力头。
模型有‹31亿›参数、‹40层›。
FVD 从312.5降至248.75，降低«20.4%»。
FVD 从312.5降至248.75，降低‹22.4%›。
IS 从86.55提升至116.7。
IS 从86.55提升至‹161.7›。
将50步蒸馏为4步，引导系数为6.0。
将‹60步›蒸馏为4步，引导系数为‹7.5›。
数据集包含241万个片段，其中5%留作测试。
数据集包含‹214万›个片段，其中‹8%›留作测试。
学习率前2万次迭代为2×10^-5，之后为5×10^-6。
学习率前‹3万›次迭代为2×10^-5，之后为‹6×10^-6›。
用户研究有48人参与，62.5%选择 Tide。
显存占用18.9GB，对比44.2GB，减少«57.2%»。
显存占用18.9GB，对比44.2GB，减少‹52.7%›。
PSNR 为28.41，CLIP 得分０．３１８。
消融实验中 FVD 为291.0，K=16时为255.2。
消融实验中 FVD 为‹290.1›，K=‹24›时为255.2。
A100 한 장에서 3.24초에 81프레임을 만든다.
‹H200› 한 장에서 ‹3.42초›에 ‹161프레임›을 만든다.
Wan2.1-14B보다 21.6배 빠르다.
Wan2.1-14B보다 ‹31.6배› 빠르다.
FVD가 312.5에서 248.75로 «20.4%» 좋아졌다.
FVD가 312.5에서 248.75로 ‹14.2%› 좋아졌다.
13억 파라미터, 30개 층을 쓴다.
‹14억› 파라미터, ‹28개› 층을 쓴다.
241만 개 클립 중 5퍼센트를 남겨 둔다.
‹421만› 개 클립 중 ‹7퍼센트›를 남겨 둔다.
학습률은 2만 번까지 2e-5, 그 뒤 5e-6이다.
사용자 48명의 62.5%가 골랐다.
사용자 ‹58명›의 ‹26.5%›가 골랐다.
메모리는 18.9GB로 44.2GB보다 작다.
50단계를 4단계로 줄인다.
50단계를 ‹6단계›로 줄인다.
""",
    ),
]
