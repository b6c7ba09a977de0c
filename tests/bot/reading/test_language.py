"""A reading is told to be in its language, whatever English terms it holds."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.language import all_in, is_in, report_is_in
from bot.reports import Guide, Report

SHARED = Path(__file__).resolve().parents[4] / "shared"

TEXTS = [
    ("en", "Attic keeps a map of rooms and throws away what no plan needs."),
    (
        "en",
        "Confidence-based loss weighting enables improved audio generation via adaptive scaling.",
    ),
    ("en", "A memory for robots (記憶) that forgets."),
    ("zh", "我们提出 Attic，一种会遗忘的机器人记忆。"),
    ("zh", "在 ImageNet-1K 上用 LoRA 微调 Qwen2.5-VL-3B-Instruct，batch size 为 256。"),
    ("zh", "使用 reinforcement learning 与 supervised fine-tuning 训练 vision-language model。"),
    ("zh", "我們提出一種會遺忘的記憶體，讓機器人記住物品的位置。"),
    ("ko", "우리는 잊는 로봇 기억 장치 Attic을 제안한다."),
    ("ko", "LoRA로 Qwen2.5-VL-3B를 fine-tuning하여 HomeBench에서 71.4%를 얻었다."),
    ("ja", "ロボットが物の場所を覚えるための記憶装置を提案する。"),
    ("de", "Wir stellen einen Speicher vor, der das vergisst, was nicht gebraucht wird und ist."),
    ("fr", "Nous proposons une mémoire pour les robots qui oublie les objets dans la maison."),
    ("es", "Proponemos una memoria para los robots que olvida lo que no es necesario en el plan."),
    ("ru", "Мы предлагаем память для роботов."),
]


@pytest.mark.parametrize(("language", "text"), TEXTS)
@pytest.mark.parametrize("asked", ["en", "zh", "ko"])
def test_a_text_is_in_its_own_language_and_in_no_other(asked, language, text):
    assert is_in(text, asked) == (asked == language)


@pytest.mark.parametrize("asked", ["en", "zh", "ko"])
@pytest.mark.parametrize(
    "text", ["", "123 %", "ImageNet-1K", "Qwen2.5-VL, LLaVA-OneVision, CIFAR-10"]
)
def test_names_and_numbers_are_in_every_language(asked, text):
    assert is_in(text, asked)


def test_an_english_sentence_is_not_chinese_for_one_ideograph():
    text = "The model is trained on a large set of images and it reaches the best score of all 好"
    assert not is_in(text, "zh")
    assert not is_in(text, "ko")


def test_a_report_is_judged_by_its_sentences():
    chinese, english = "提出一种会遗忘的机器人记忆方法。", "It is trained on the frames of a video."
    assert report_is_in(Report(contribution=chinese, results=chinese), "zh")
    assert not report_is_in(Report(contribution=english, results=chinese), "zh")
    assert not report_is_in(
        Report(contribution=chinese, results=english, guide=Guide(procedure=english)), "zh"
    )
    assert report_is_in(Report(), "ko")


def test_recorded_abstracts_are_english():
    folder = SHARED / "recordings" / "huggingface" / "days"
    if not folder.is_dir():
        pytest.skip("no recordings in ../shared")
    texts = [
        entry["paper"].get("summary", "")
        for file in sorted(folder.glob("*.json"))[::3]
        for entry in json.loads(file.read_text(encoding="utf-8"))
    ]
    assert [text for text in texts if not is_in(text, "en")] == []
    assert [text for text in texts if text and (is_in(text, "zh") or is_in(text, "ko"))] == []


@given(st.text(max_size=300), st.sampled_from(["en", "zh", "ko", "xx"]))
def test_any_text_is_judged(text, language):
    assert is_in(text, language) in (True, False)
    assert all_in([text, ""], language) in (True, False)


@pytest.mark.parametrize("unit", ["a_", "A", "aB", "1a.", "的a", "_", "a1-"])
def test_a_hostile_text_is_no_longer_work_than_another(unit):
    began = time.perf_counter()
    is_in(unit * 200_000, "zh")
    assert time.perf_counter() - began < 5
