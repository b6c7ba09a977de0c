"""What people may type, and what each construct means."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.papers import Paper
from bot.topics import Matcher, matches, parse, split


def paper(title: str = "", **more: object) -> Paper:
    return Paper(id="2606.00001", title=title, **more)  # type: ignore[arg-type]


def said(query: str, title: str, **more: object) -> bool:
    """The answer of the naive evaluator; the index must give the same."""
    one = paper(title, **more)
    answer = matches(query, one)
    assert (Matcher([one]).mask(query) == 1) is answer
    return answer


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("a, b；c\nd", ("a", "b", "c", "d")),
        ("视频生成，智能体、机器人", ("视频生成", "智能体", "机器人")),
        ('"x, y", (p; q) AND r', ('"x, y"', "(p; q) AND r")),
        ("“a，b”；（c、d）", ("“a，b”", "（c、d）")),
        ("agents, Agents,  agents ,, ;", ("agents",)),
        ("RAG, rag", ("RAG", "rag")),
        ('"never closed, b', ('"never closed, b',)),
        (" \n ", ()),
    ],
)
def test_commas_semicolons_and_line_breaks_separate_topics(text: str, topics: tuple[str, ...]):
    assert split(text) == topics


@pytest.mark.parametrize(
    ("query", "title", "answer"),
    [
        ("video generation", "Video Generating with Care", True),
        ("agents", "An Agent for All", True),
        ("agent", "Many agents", True),
        ("video generation", "Generation of Video", False),
        ("video generation", "Video and Generation", False),
        ("art", "Starting", False),
        ("model", "The model's end", True),
    ],
)
def test_bare_words_are_a_phrase_with_inflections_folded(query: str, title: str, answer: bool):
    assert said(query, title) is answer


def test_bare_words_are_searched_in_title_abstract_and_keywords():
    assert said("world model", "", abstract="We build world models.")
    assert said("world model", "", keywords=("latent world model",))
    assert not said("world model", "World", abstract="Model", keywords=("a world", "model"))
    assert not said("world model", "", authors=("World Model",), organization="World Model")


@pytest.mark.parametrize("query", ["fine-tuning", "finetuning", "fine tuning", "Fine‑Tuning"])
@pytest.mark.parametrize("title", ["Fine-tuning", "FINETUNING", "fine tuned", "ﬁnetune it"])
def test_case_hyphen_and_space_are_folded(query: str, title: str):
    assert said(query, title)


@pytest.mark.parametrize(
    ("query", "title", "answer"),
    [
        ("multiagent systems", "Multi-Agent System Design", True),
        ("multi agent systems", "A multiagent system", True),
        ("data sets", "The dataset", True),
        ("GPT4", "GPT-4 speaks", True),
        ("GPT-4", "GPT4 speaks", True),
        ("graph RAG", "GraphRAG", True),
        ("graph RAG", "Graphrag", False),
        ("2025", "pages 20-25", False),
        ("Qwen 2.5", "Qwen2.5-VL", True),
    ],
)
def test_words_written_together_or_apart_are_the_same(query: str, title: str, answer: bool):
    assert said(query, title) is answer


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("naive bayes", "Naïve Bayes"),
        ("Gödel", "Godel machines"),
        ("godel", "Go\u0308del"),
        ("Soren", "Søren"),
        ("VA-π", "VA-$\\pi$: Alignment"),
        ("VA-$\\pi$", "VA-π: Alignment"),
        ("A^3-Bench", "A³-Bench"),
        ("V0.5", "V_{0.5} of it"),
        ("ＲＡＧ", "RAG"),
        ("C++", "Fast C++ code"),
    ],
)
def test_diacritics_width_and_tex_are_folded(query: str, title: str):
    assert said(query, title)


@pytest.mark.parametrize(
    ("query", "title", "answer"),
    [
        ("RAG", "RAG for all", True),
        ("RAG", "RAGs for all", True),
        ("RAG", "RAG-based search", True),
        ("RAG", "A rag doll", False),
        ("RAG", "Rag", False),
        ("rag", "RAG for all", True),
        ("GANs", "A GAN", True),
        ("GANs", "gans", False),
        ("LLM agents", "llm agents", False),
        ("LLM agents", "LLMs: agent", True),
        ("CLIPS", "clips", False),
        ("DREAMS", "dreams", True),  # six letters
        ("3D", "3d scenes", True),  # one letter
        ("LoRA", "lora", True),  # not all in capitals
    ],
)
def test_up_to_five_letters_in_capitals_match_only_capitals(query: str, title: str, answer: bool):
    assert said(query, title) is answer


@pytest.mark.parametrize(
    ("query", "title", "answer"),
    [
        ("视频生成", "基于视频生成的模型", True),
        ("비디오 생성", "고품질 비디오생성을 위한 연구", True),
        ("비디오생성", "비디오 생성", True),
        ("модель", "Большая модель мира", True),
        ("дел", "Большая модель мира", False),
        ("モデル", "世界モデルの学習", True),
        ("か", "が", False),
    ],
)
def test_word_borders_hold_in_any_script_and_cjk_needs_no_spaces(
    query: str, title: str, answer: bool
):
    assert said(query, title) is answer


@pytest.mark.parametrize(
    ("query", "title", "answer"),
    [
        ("video AND agents", "Agents in video", True),
        ("video + agents", "Agents in video", True),
        ("video+agents", "video", False),
        ("video OR image", "An image", True),
        ("video NOT game", "Video game", False),
        ("video -game", "Video play", True),
        ("video -game", "Video games", False),
        ('video -"video game"', "Video of a game", True),
        ("(video OR image) AND agents", "Image agents", True),
        ("video OR image AND agents", "A video", True),  # AND binds closer
        ("(video OR image) AND agents", "Video", False),
        ("（视频　ＯＲ　video）　－game", "a video", True),
        ("video and audio", "Audio and video", False),  # ordinary words
        ("video and audio", "Video and audio", True),
    ],
)
def test_operators_and_parentheses(query: str, title: str, answer: bool):
    assert said(query, title) is answer


@pytest.mark.parametrize(
    ("query", "title", "answer"),
    [
        ('"agents"', "The agents", True),
        ('"agents"', "The agent", False),
        ('"fine-tuning"', "Fine tuning", True),
        ('"fine-tuning"', "Finetuning", False),
        ('"Spatia: Video Generation"', "Spatia: Video Generation with Memory", True),
        ("“agents”", "The agent", False),
        ('"RAG"', "RAGs", False),
    ],
)
def test_quotes_fold_no_word_forms(query: str, title: str, answer: bool):
    assert said(query, title) is answer


@pytest.mark.parametrize(
    ("query", "title", "answer"),
    [
        ("diffus*", "Diffusion", True),
        ("diffus*", "A diffuse light", True),
        ("diffus*", "Undiffused", False),
        ("video gen*", "Video generators", True),
        ("fine-tun*", "Finetuned", True),
        ("finetun*", "fine-tuned", True),
        ("RAG*", "RAGAS", True),
        ("RAG*", "ragged", False),
        ("视频*", "长视频生成", True),
    ],
)
def test_a_star_matches_the_beginning_of_a_word(query: str, title: str, answer: bool):
    assert said(query, title) is answer


def test_fields_search_their_part_of_the_paper_alone():
    one: dict[str, object] = {
        "abstract": "An abstract about tuning",
        "keywords": ("latent space",),
        "authors": ("Kelvin Li", "Kaiming He"),
        "organization": "UC Berkeley",
        "categories": ("cs.CV", "stat.ML"),
        "sources": ("huggingface",),
        "upvotes": 20,
        "code_url": "https://example.org/code",
    }
    for query in (
        "title:video generation",
        "Title: video",
        'title:"video generation"',
        "title:(video OR image)",
        "abstract:tuning",
        "keyword:latent",
        "author:li",
        'author:"Kaiming He"',
        "author:Kaiming He",
        "org:Berkeley",
        "cat:cs.CV",
        "cat:cs",
        "cat:stat",
        "source:huggingface",
        "source:hf",
        "has:code",
        "upvotes>=20",
        "upvotes > 19",
        "upvotes≤20",
        "upvotes=20",
        "upvotes<21",
        "title:video author:li has:code",
    ):
        assert said(query, "Video Generation", **one), query
    for query in (
        "title:tuning",
        "abstract:video",
        "keyword:video",
        "author:Li Kaiming",  # never across two authors
        "author:l",
        "org:Stanford",
        "cat:cs.C",
        "cat:math",
        "source:arxiv",
        "has:project",
        "upvotes>20",
        "upvotes<20",
        "title:(tuning OR image)",
    ):
        assert not said(query, "Video Generation", **one), query


def test_of_unknown_votes_nothing_is_true():
    assert not said("upvotes<5", "x")
    assert not said("upvotes>=0", "x")


def test_a_translated_term_is_searched_in_english_too_and_says_so():
    query = parse("视频生成")
    assert query.translated == (("视频生成", "video generation"),)
    assert not query.foreign
    assert said("视频生成", "Video Generating")
    assert said("视频生成", "关于视频生成")
    assert said("title:비디오 생성", "Video generation")
    assert not said("title:비디오 생성", "x", abstract="video generation")
    assert not said("video -视频生成", "Video generation")


def test_terms_that_follow_each_other_are_translated_one_by_one():
    query = parse("医学图像分割")
    assert [term for term, _ in query.translated] == ["医学", "图像分割"]
    assert said("医学图像分割", "Image segmentation for clinical use")
    assert parse("LLM 智能体").translated == (("智能体", "agent"),)
    assert said("LLM 智能体", "Agents of an LLM")


@pytest.mark.parametrize(
    ("query", "foreign"),
    [("猫", True), ("кот", True), ("视频生成", False), ("VA-π", False), ("猫 OR video", True)],
)
def test_a_term_in_a_script_that_no_list_knows_is_told(query: str, foreign: bool):
    assert parse(query).foreign is foreign


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Agents", "agent"),
        ("a AND b", "b + a"),
        ("a OR (b OR a)", "b OR a"),
        ("NOT (NOT a)", "a"),
        ("RAGs", "RAG"),
        ("Ｆine－tuning", "fine tuning"),
        ("a b -c", "a b NOT c"),
        ("upvotes ≥ 020", "upvotes>=20"),
        ("source:HF", "source:huggingface"),
        ("title:(a OR b)", "title:b OR title:a"),
    ],
)
def test_queries_of_one_meaning_have_one_normal_form(one: str, other: str):
    assert parse(one).canonical == parse(other).canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [("RAG", "rag"), ('"agents"', "agents"), ("x-AND-y", "x AND y"), ("a (b OR c)", "a b OR c")],
)
def test_queries_of_other_meaning_have_another_normal_form(one: str, other: str):
    assert parse(one).canonical != parse(other).canonical


def test_the_wanted_words_are_told_as_typed():
    assert parse('Video gen* -game "World Model" has:code').words == ("Video gen*", "World Model")


def test_importing_topics_loads_neither_parser_nor_stemmer():
    code = "import sys, bot.topics; print({'lark', 'snowballstemmer'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
