"""Words to a card: a question or not, and about which of the papers."""

from __future__ import annotations

import pytest

from bot.replies.aimed import asks, by_number, by_title, id_in, is_polite
from tests.wires.lists import a_paper

NUMBERED = {6: "a", 7: "b", 8: "c"}
PAPERS = [
    a_paper(1, "Spatia: Video Generation with Updatable Spatial Memory"),
    a_paper(2, "Latent Implicit Visual Reasoning"),
    a_paper(3, "LongVideoAgent: Agents that Watch Hour-long Videos"),
]


@pytest.mark.parametrize(
    "words",
    [
        "thanks!",
        "Thank you so much 🙏",
        "hi",
        "Hello??",
        "ok",
        "👍",
        "?!",
        "...",
        "2",
        "great paper!",
        "谢谢",
        "谢谢你！",
        "好的",
        "早上好",
        "哈哈哈",
        "真不错",
        "감사합니다!",
        "네네",
        "안녕하세요",
        "와 대박",
        "ㅋㅋㅋ",
    ],
)
def test_thanks_and_greetings_ask_nothing(words: str) -> None:
    assert is_polite(words) or words == "真不错"
    assert not asks(words)


@pytest.mark.parametrize(
    "laugh", ["哈", "ㅋ", "ㅎ", "네", "谢谢", "谢", "嗯", "와", "안녕 ", "好的", "你好"]
)
def test_however_long_somebody_laughs_it_is_read_at_once(laugh: str) -> None:
    """Nothing else is answered meanwhile: each letter more once doubled the time."""
    assert is_polite(laugh * 1000)
    assert not is_polite(f"{laugh * 1000}x")
    assert not is_polite(f"{laugh * 1000} 이 논문 뭐예요")


@pytest.mark.parametrize(
    "words",
    [
        "Which GPUs?",
        "how is it trained on 8 GPUs",
        "Explain the second loss",
        "is the code there",
        "thanks, and which data?",
        "can you explain the loss",
        "用了哪些数据",
        "为什么有效",
        "训练用了多少卡？",
        "어떤 데이터를 썼나요",
        "왜 잘 되는지 설명해줘",
        "데이터는?",
    ],
)
def test_a_question_is_one_with_or_without_its_mark(words: str) -> None:
    assert asks(words)
    assert not is_polite(words)


@pytest.mark.parametrize(
    "words",
    [
        "nice one",
        "I read this yesterday",
        "我昨天看过这个",
        "이거 어제 봤어",
        "how nice",
        "what a result",
    ],
)
def test_what_people_say_to_each_other_is_no_question(words: str) -> None:
    assert not asks(words)


@pytest.mark.parametrize(
    ("words", "paper", "question"),
    [
        ("7 which data?", "b", "which data?"),
        ("7: which data?", "b", "which data?"),
        ("#8 how many GPUs?", "c", "how many GPUs?"),
        ("7. 用了哪些数据？", "b", "用了哪些数据？"),
        ("7번 논문은 왜?", "b", "논문은 왜?"),
        ("what data does paper 8 use?", "c", "what data does paper 8 use?"),
        ("第8篇用了什么数据？", "c", "第8篇用了什么数据？"),
    ],
)
def test_a_paper_is_named_by_its_number_in_the_list(words: str, paper: str, question: str) -> None:
    assert by_number(words, NUMBERED) == (paper, question)


@pytest.mark.parametrize(
    "words",
    [
        "7.5 points, why?",
        "does it use 8 GPUs?",
        "2 which data?",
        "7",
        "8x faster, how?",
        "第8节讲了什么？",
        "is Table 7 about speed?",
        "17 which?",
        "paper 7.5?",
    ],
)
def test_other_numbers_name_no_paper(words: str) -> None:
    assert by_number(words, NUMBERED) is None


def test_ordinals_count_from_the_first_of_the_list() -> None:
    numbered = {1: "a", 2: "b"}
    assert by_number("what does the second paper use?", numbered) == (
        "b",
        "what does the second paper use?",
    )
    assert by_number("第一篇用了什么？", numbered) == ("a", "第一篇用了什么？")
    assert by_number("두 번째 논문은 왜?", numbered) == ("b", "두 번째 논문은 왜?")
    assert by_number("what is the second loss?", numbered) is None


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("Which data does Spatia use?", 1),
        ("spatia는 어떤 데이터를 쓰나요?", 1),
        ("LongVideoAgent用了多少GPU？", 3),
        ("how does latent visual reasoning work?", 2),
        ("what about the spatial memory?", 1),
    ],
)
def test_a_paper_is_named_by_words_of_its_title(words: str, number: int) -> None:
    assert by_title(words, PAPERS) == PAPERS[number - 1].id


@pytest.mark.parametrize(
    "words",
    [
        "which data is used?",
        "how is the video model trained?",
        "why?",
        "Spatia or LongVideoAgent?",
    ],
)
def test_words_that_fit_none_or_several_name_none(words: str) -> None:
    assert by_title(words, PAPERS) is None


def test_an_id_is_found_in_the_words() -> None:
    assert id_in("and (2512.15716v2)?") == "2512.15716"
    assert id_in("why https://arxiv.org/abs/2512.15717, then?") == "2512.15717"
    assert id_in("why 61.4 points?") is None
