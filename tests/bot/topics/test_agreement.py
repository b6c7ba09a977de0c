"""The matching index and the naive evaluator never disagree."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.papers import Paper
from bot.topics import Matcher, matches, parse, split
from bot.topics.parsing import LONGEST
from bot.topics.programs import Programs

WORDS = (
    "video generation generating generative videos fine tuning fine-tuning finetuning finetuned "
    "agent agents multi multi-agent multiagent RAG rag RAGs RAG-based GraphRAG Graph GPT4 GPT-4 "
    "LLM LLMs llms data set dataset 3D 2.5 Qwen2.5 Qwen C++ and or not naïve naive Gödel "
    "VA-$\\pi$ VA-π A^3-Bench A³ 视频生成 视频 生成 基于视频生成的模型 "
    "비디오 생성을 비디오생성 ﬁne ＲＡＧ model's e-mail email $x^2$ tune tunes"
).split()
SIGNS = (" ", " ", " ", "-", ", ", ": ", " (", ") ", ". ", "")

texts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SIGNS)), max_size=9).map(
    lambda parts: "".join(word + sign for word, sign in parts)
)
papers = st.builds(
    Paper,
    id=st.just("2606.00001"),
    title=texts,
    abstract=texts,
    authors=st.lists(
        st.sampled_from(("Kelvin Li", "Kurt Gödel", "RAG Li", "李 明")), max_size=2
    ).map(tuple),
    organization=st.sampled_from((None, "UC Berkeley", "Deep Mind", "DeepMind")),
    categories=st.sampled_from(((), ("cs.CV", "cs.LG"), ("math",))),
    keywords=st.lists(texts, max_size=2).map(tuple),
    upvotes=st.sampled_from((None, 0, 5, 20)),
    code_url=st.sampled_from((None, "https://example.org")),
    project_url=st.sampled_from((None, "https://example.org")),
    sources=st.sampled_from((("huggingface",), ("arxiv", "huggingface"))),
)

bare = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
atoms = st.one_of(
    bare,
    bare.map('"{}"'.format),
    st.tuples(bare, st.sampled_from(("fi", "gen", "RA", "finet", "multi-ag", "GP", "视频"))).map(
        lambda pair: f"{pair[0]} {pair[1]}*"
    ),
    st.sampled_from(("fine*", "finet*", "multia*", "RAG*", "3D*", "dat*", "vid* gen*")),
    st.tuples(st.sampled_from(("title", "abstract", "keyword")), bare).map(":".join),
    st.sampled_from(
        (
            'author:"Kelvin Li"',
            "org:Deep Mind",
            "upvotes > 5",
            *"author:Li author:godel org:DeepMind cat:cs cat:cs.CV cat:math source:hf".split(),
            *"source:arxiv has:code has:project upvotes>=5 upvotes<20 upvotes=0".split(),
        )
    ),
)
queries = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from((" AND ", " + ", " OR ")), inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) OR {pair[1]}"),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]} AND NOT ({pair[1]})"),
        st.tuples(inner, st.sampled_from(("RAG", "video", '"agents"', "title:video"))).map(
            lambda pair: f"({pair[0]}) -{pair[1]}"
        ),
    ),
    max_leaves=4,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(query=queries, held=st.lists(papers, min_size=1, max_size=4))
def test_the_index_and_the_naive_evaluator_never_disagree(query: str, held: list[Paper]):
    understood = parse(query)
    naive = sum(1 << i for i, paper in enumerate(held) if matches(understood, paper))
    assert Matcher(held, Programs()).mask(understood) == naive
    assert Matcher(held, Programs()).masks([[query]]) == [naive]
    assert Matcher(held).masks([[], [query], [query, "zebra"]]) == [0, naive, naive]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(query=queries, held=st.lists(papers, min_size=1, max_size=3))
def test_the_normal_form_means_the_same_and_is_its_own_normal_form(query: str, held: list[Paper]):
    understood = parse(query)
    assume(len(understood.canonical) <= LONGEST)  # translations may make it too long to type
    again = parse(understood.canonical)
    assert again.canonical == understood.canonical
    assert [matches(again, paper) for paper in held] == [
        matches(understood, paper) for paper in held
    ]


@settings(max_examples=150, deadline=None)
@given(query=queries, paper=papers)
def test_a_paper_has_a_place_exactly_when_it_matches_a_wanted_term(query: str, paper: Paper):
    matcher = Matcher([paper])
    assert bool(matcher.places(query, 0)) == (matcher.mask(query) == 1)


@settings(max_examples=100, deadline=None)
@given(topics=st.lists(queries, max_size=4))
def test_topics_joined_by_any_separator_come_apart_again(topics: list[str]):
    whole = [topic for topic in topics if "," not in topic]
    for sign in (",", "；", "\n", "、"):
        parts = split(sign.join(whole))
        assert set(parts) <= {topic.strip() for topic in whole}
        assert {parse(part).canonical for part in parts} == {
            parse(topic).canonical for topic in whole
        }
