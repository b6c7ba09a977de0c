"""What stands in the forms: order, fallbacks, marks, names, dates; the same for the same data."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.cards.blocks import Rung
from bot.documents import Form, file_name, written
from bot.reports import Brief, Guide, Innovation, Report
from tests.bot.documents.conftest import DAY, REPORT, a_day, a_paper, read, unread


@pytest.mark.parametrize("form", Form)
def test_the_same_data_give_the_same_bytes(form: Form, day) -> None:
    again = replace(day, entries=tuple(replace(entry) for entry in day.entries))
    assert written(form, day) == written(form, again)


def test_the_files_are_named_by_form_and_day() -> None:
    assert [file_name(form, DAY) for form in Form] == [
        "reading-report_2025-12-26.md",
        "brief_2025-12-26.md",
        "ranking_2025-12-26.md",
        "papers_2025-12-26.json",
    ]


def _paper_of_report(entry) -> str:
    return written(Form.READING_REPORT, a_day(entry)).split("=" * 60)[1]


def test_a_paper_that_a_model_read_has_its_five_sections() -> None:
    assert _paper_of_report(read(a_paper(1))) == (
        "\n\n## 📄 Paper 1\n\n"
        "- **链接**: https://huggingface.co/papers/2512.00001\n"
        "- **阅读来源**: HTML\n\n"
        "1. **应用领域**\n   计算机视觉 - 视频生成 (Video Generation)\n\n"
        "2. **一句话核心贡献**\n   用可更新的 3D 点云作为记忆，FID 从 14.36 降至 7.65。\n\n"
        "3. **使用指南**\n"
        "   *   **输入**：一段文字\n"
        "   *   **输出**：视频\n"
        "   *   **资源需求**：64 块 GPU\n\n"
        "4. **主要创新点**\n"
        "   *   **空间记忆**：随片段更新\n"
        "   *   **动静分离**：只保留静态背景\n\n"
        "5. **实验效果**\n"
        "   *   FID 降低 6.71。\n"
        "   *   训练 25 分钟。\n"
        "   *   **核对**：arXiv 全文 v2，读了 83%，模型 a-model，2025-12-27。\n\n\n"
    )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"rung": Rung.ABSTRACT}, "ArXiv Abs"),
        ({"rung": Rung.ABSTRACT, "report": None}, "ArXiv Abs"),
        ({"rung": Rung.READY_MADE, "report": None}, "来源自带的一句话，未经模型阅读"),
        ({"rung": Rung.SENTENCES, "report": None}, "ArXiv Abs（摘要原句，未经模型阅读）"),
        ({"rung": Rung.NONE, "report": None, "lines": ()}, "仅标题（来源没有摘要）"),
        ({"rung": "of tomorrow", "report": None, "lines": ()}, "仅标题（来源没有摘要）"),
    ],
)
def test_every_paper_says_what_it_was_read_from(fields: dict, says: str) -> None:
    entry = read(a_paper(1), **fields)
    assert f"\n- **阅读来源**: {says}\n" in _paper_of_report(entry)
    assert says.split("（")[0].replace("ArXiv Abs", "摘要") in written(Form.BRIEF, a_day(entry))


def test_what_nobody_read_is_not_made_up() -> None:
    told = _paper_of_report(unread(a_paper(1, summary="A line.", keywords=("video", "3D"))))
    assert "1. **应用领域**\n   video、3D\n\n2. **一句话核心贡献**\n   A line.\n\n" in told
    assert told.count("   未经模型阅读。\n") == 3
    brief = written(Form.BRIEF, a_day(unread(a_paper(1, summary="A line."))))
    assert "**输入→输出**: 未经模型阅读。\n\n**问题**: 未经模型阅读。\n" in brief
    assert "**方案**: A line.（来源自带的一句话，未经模型阅读）\n" in brief


def test_fields_that_a_report_leaves_empty_are_said_or_left_out() -> None:
    told = _paper_of_report(read(a_paper(1), report=Report()))
    assert told.count("   论文未说明。\n") == 5
    brief = Brief(task="分类。", datasets=("COCO", "PixMo"), method="一步。")
    told = written(Form.BRIEF, a_day(read(a_paper(1), report=replace(REPORT, brief=brief))))
    assert "**输入→输出**: 任务: 分类。数据集: COCO, PixMo。\n\n**问题**: 论文未说明。\n" in told


def test_numbers_that_the_source_does_not_hold_are_marked_and_named() -> None:
    entry = read(a_paper(1), unfound=("7.65", "25"), derived=("6.71",), flags=("instructions",))
    told = _paper_of_report(entry)
    assert "FID 从 14.36 降至 7.65⁽?⁾。" in told
    assert "FID 降低 6.71⁽=⁾。" in told
    assert "训练 25⁽?⁾ 分钟。" in told
    assert (
        "；⁽?⁾ 原文中未找到：7.65、25；⁽=⁾ 由原文数字算出：6.71；"
        "原文含有写给模型的指令，未予理会。\n" in told
    )


def test_the_brief_names_the_numbers_that_stand_in_it() -> None:
    brief = replace(REPORT.brief, method="FID 7.65, 64 块。")
    entry = read(a_paper(1), report=replace(REPORT, brief=brief), unfound=("25", "7.65"))
    told = written(Form.BRIEF, a_day(entry))
    assert "**方案**: FID 7.65⁽?⁾, 64 块。（arXiv 全文 v2，读了 83%，模型 a-model，" in told
    assert "；⁽?⁾ 原文中未找到：7.65）\n" in told


def test_of_many_numbers_twelve_are_named() -> None:
    entry = read(a_paper(1), unfound=tuple(f"1{number}.5" for number in range(13)))
    assert "、111.5 等 13 个。\n" in _paper_of_report(entry)


def test_a_number_is_not_marked_within_another() -> None:
    report = Report(contribution="Llama3, VL-3B, GPT-3: 3.5 or 3 or 0.3, 13, 3×9; 8.9%p.")
    told = _paper_of_report(read(a_paper(1), report=report, unfound=("3", "8.9%")))
    assert "Llama3, VL-3B, GPT-3: 3.5 or 3⁽?⁾ or 0.3, 13, 3⁽?⁾×9; 8.9%⁽?⁾p." in told


def test_numbers_are_found_as_tex_or_as_it_is_read() -> None:
    report = Report(contribution="Rate $10^{-4}$, 86.6\\% less.")
    told = _paper_of_report(read(a_paper(1), report=report, unfound=("10^{-4}", "86.6%")))
    assert "Rate 10⁻⁴⁽?⁾, 86.6%⁽?⁾ less." in told


@pytest.mark.parametrize(
    ("authors", "shown"),
    [
        (("A", "B", "C", "D"), "A, B, C..."),
        (("A", "B", "C"), "A, B, C"),
        (("A",), "A"),
        ((), "—"),
    ],
)
def test_three_authors_and_dots_for_the_others(authors: tuple[str, ...], shown: str) -> None:
    told = written(Form.BRIEF, a_day(unread(a_paper(1, authors=authors))))
    assert f"**Upvotes**: 49 | **Authors**: {shown}\n" in told


def test_one_paper_is_one_paper() -> None:
    assert "\n\nTotal: 1 paper\n\n" in written(Form.BRIEF, a_day(unread(a_paper(1))))


def test_an_institution_stands_alone() -> None:
    told = written(Form.RANKING, a_day(unread(a_paper(1, stars=3, comments=2)), unread(a_paper(2))))
    assert told.count("   - 기관: UC Berkeley\n") == 2
    nowhere = written(Form.RANKING, a_day(unread(a_paper(1, organization=None))))
    assert "   - 기관: 정보 없음\n" in nowhere


def test_tex_is_readable() -> None:
    paper = a_paper(1, title=r"VA-$\pi$: $2^{10}$ \emph{Steps}", abstract=r"Erd\H{o}s, $\alpha_1$.")
    for form in (Form.BRIEF, Form.RANKING, Form.READING_REPORT):
        assert "VA-π: 2¹⁰ Steps" in written(form, a_day(unread(paper)))
    assert "Erdős, α₁." in written(Form.BRIEF, a_day(unread(paper)))


def test_json_holds_all_of_a_reading(day) -> None:
    held = json.loads(written(Form.JSON, day))
    assert (held["date"], held["language"], len(held["papers"])) == ("2025-12-26", "zh", 12)
    first = held["papers"][0]
    assert (first["rank"], first["id"], first["upvotes"]) == (1, "2512.00001", 49)
    assert first["reading"]["read_at"] == "2025-12-27T01:00:00Z"
    assert first["reading"]["rung"] == "full-text"
    assert Report.of_dict(first["reading"]["report"]) == REPORT
    assert held["papers"][2]["reading"]["report"] is None


@pytest.mark.parametrize("form", Form)
def test_a_day_without_papers_is_still_a_document(form: Form) -> None:
    assert "2025-12-26" in written(form, a_day())


def test_letters_of_three_languages_and_long_texts_go_through() -> None:
    long = "很长的句子。" * 2_000
    report = Report("분야", long, Guide(), (Innovation("이름", "설명"),), "결과")
    told = _paper_of_report(read(a_paper(1), report=report))
    assert "   *   **이름**：설명\n" in told
    assert len(told) < 6_000
