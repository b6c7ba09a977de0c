"""What the doctor sees of the language model: one small question, and what it cost."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.cli.doctor.finding import Finding
from bot.cli.doctor.patience import LOOK
from bot.cli.model_trial import FORMS, try_model
from bot.errors import PaperboyError
from bot.settings import Settings


async def look_at_model(settings: Settings, *, seconds: float = LOOK - 1) -> list[Finding]:
    """Whether it answers, in what form; nothing is asked where none is set."""
    if settings.llm_model is None:
        says = "No model: cards show the sources' own lines and sentences of the abstract."
        return [Finding("model", "ok", says)]
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    host = urlsplit(settings.openai_base_url or "https://api.openai.com").hostname or "?"
    try:
        trial = await try_model(settings.llm_model, key, settings.openai_base_url, patience=seconds)
    except PaperboyError as error:
        todo = "Papers are not read meanwhile; without a model unset PAPERBOY_LLM_MODEL."
        return [Finding("model", "bad", str(error), todo)]
    says = (
        f"{settings.llm_model} at {host} answers by {trial.form} in {trial.seconds:.1f} s; "
        f"this look cost {trial.tokens} tokens."
    )
    if trial.form == FORMS[-1]:
        todo = "Readings may fail often: a model or server that heeds JSON does better."
        return [Finding("model", "warn", says, todo, trial.seconds)]
    return [Finding("model", "ok", says, seconds=trial.seconds)]
