"""Readings of bundled papers in Chinese and Korean, as a model would write them."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.cards import Rung
from bot.papers import Reading

_READ = datetime(2025, 12, 27, 0, 30, tzinfo=UTC)


def _reading(
    paper: str, language: str, line: str, *sections: tuple[str, str], unfound: tuple[str, ...] = ()
) -> Reading:
    return Reading(
        paper,
        language,
        Rung.FULL_TEXT,
        (line,),
        sections,
        model="qwen3",
        paper_version=1,
        read_at=_READ,
        unfound=unfound,
        share=1.0,
    )


READINGS = (
    _reading(
        "2512.15716",
        "zh",
        "把可更新的 3D 点云当作“空间记忆”，长视频里的场景前后一致，还能控制镜头。",
        ("问题", "视频模型没有记忆，镜头转回来时场景已经变了样。"),
        ("方法", "每生成一段就更新点云，下一段以点云的投影为条件；动态物体不写进记忆。"),
    ),
    _reading(
        "2512.13043",
        "zh",
        "把训练中途留下的 checkpoint 合并成免费的“老师”，不用再为大模型付费。",
        ("问题", "多步任务里用大模型逐步指导智能体，又贵又慢。"),
        ("方法", "合并历次 checkpoint 的权重得到老师，再用它给当前智能体打分和纠正。"),
        unfound=("30%",),
    ),
    _reading(
        "2512.15716",
        "ko",
        "갱신되는 3D 포인트 클라우드를 공간 기억으로 삼아, 긴 영상에서도 장면이 이어지고 카메라를 "
        "움직일 수 있다.",
        ("문제", "영상 모델에는 기억이 없어 카메라가 돌아오면 장면이 달라진다."),
        (
            "방법",
            "클립을 만들 때마다 포인트 클라우드를 갱신하고, 그 투영을 다음 클립의 조건으로 쓴다.",
        ),
    ),
)
