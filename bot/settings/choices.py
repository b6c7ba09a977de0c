"""The settings, field by field, with what each may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.errors import SetUpWrong
from bot.logs import masked
from bot.settings.files import SecretFiles
from bot.settings.names import DOTENV, SECRETS, variable

_LONGEST_ZONE = 100  # characters; IANA's longest name has 32
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[a-z]+)*)?", re.ASCII)
_HOUR = re.compile(r"([01]?\d|2[0-3])(?::([0-5]\d))?", re.ASCII)
_ADMIN = re.compile(r"(console|telegram|discord):[^\s:]+", re.ASCII)


def _own_name(name: str, description: str) -> Any:
    return Field(
        default=None,
        validation_alias=AliasChoices(name.upper(), name),
        description=description,
    )


class Settings(BaseSettings):
    """Everything that can be set; each field's description is the settings reference."""

    model_config = SettingsConfigDict(
        env_prefix="PAPERBOY_",
        env_file=DOTENV,
        env_file_encoding="utf-8",
        env_ignore_empty=True,  # compose files hand an unset variable on as an empty one
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,  # what is wrong may be a secret
    )

    home: Path | None = Field(
        None,
        description="Folder of the database and caches; default: your user's data folder.",
    )
    database_url: SecretStr | None = Field(
        None, description="`sqlite:///file` or `postgresql://…`; default: a file in the home."
    )
    zone: str = Field("UTC", description="Time zone of channels that chose none, as `Asia/Seoul`.")
    language: Literal["en", "zh", "ko"] = Field(
        "en", description="Language of channels that chose none: `en`, `zh` or `ko`."
    )
    hour: time = Field(
        time(9), description="Local hour of digests of channels that chose none, as `09:00`."
    )
    links: Literal["arxiv", "hf"] = Field(
        "arxiv", description="Where the titles of cards lead: `arxiv` or `hf`."
    )
    hf_token: SecretStr | None = _own_name(
        "hf_token", "Token of Hugging Face; more requests are allowed with one."
    )
    hf_endpoint: str | None = _own_name(
        "hf_endpoint", "Base of Hugging Face or of a mirror of it; unset: huggingface.co."
    )
    arxiv_categories: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="arXiv categories to read, as `cs.CV,cs.CL`; empty: Hugging Face only."
    )
    arxiv_url: str | None = Field(
        None, description="One base for arXiv's services; unset: arXiv's own hosts."
    )
    admins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Operators, as `telegram:12345,discord:678`: they let chats in, and are told "
        "of failures.",
    )
    access: Literal["open", "invite", "list"] | None = Field(
        None,
        description="Who may subscribe: `open` (everybody), `invite` (whom an operator lets in "
        "when asked) or `list` (whom an operator named); default: `open` without a model, `invite` "
        "with one.",
    )
    telegram_token: SecretStr | None = Field(
        None, description="Token of the Telegram bot; unset: Telegram is not served."
    )
    telegram_api_url: str | None = Field(
        None, description="Base of an own Bot API server; unset: Telegram's."
    )
    telegram_webhook_url: str | None = Field(
        None,
        description="Public https address to which Telegram brings its updates; unset: they are "
        "fetched (long polling).",
    )
    telegram_webhook_secret: SecretStr | None = Field(
        None,
        description="Word that calls of the webhook must bear; unset: made from the token.",
    )
    telegram_per_second: int = Field(
        28,
        ge=1,
        le=1000,
        description="Digest messages a second, 1 to 1000. Telegram lets about 30 through; more "
        "are sent as paid broadcasts, which the bot's owner pays for in Telegram Stars.",
    )
    listen: str = Field("127.0.0.1:8080", description="Where webhooks are served, as `host:port`.")
    discord_token: SecretStr | None = Field(
        None, description="Token of the Discord bot; unset: Discord is not served."
    )
    discord_api_url: str | None = Field(
        None, description="Base of the Discord API or of a stand-in for it; unset: Discord's."
    )
    openai_api_key: SecretStr | None = _own_name(
        "openai_api_key", "Key of the model's service; a local one needs none."
    )
    openai_base_url: str | None = _own_name(
        "openai_base_url",
        "Base of the model's service, as `http://localhost:11434/v1`; unset: OpenAI's.",
    )
    llm_model: str | None = Field(
        None, description="Name of the language model, as `gpt-5-mini`; unset: none is asked."
    )
    llm_daily_tokens: int | None = Field(
        None, ge=0, description="Tokens that a day (UTC) may cost, in and out; unset: no bound."
    )
    person_daily_tokens: int | None = Field(
        None,
        ge=0,
        description="Tokens that one person may cost in a day by `/paper` and `/ask`; unset: no "
        "bound but the day's.",
    )
    reading_languages: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Languages that readings are made in, as `en,zh`; empty: every one in use."
    )
    reading_tokens: int = Field(
        12_000, ge=3_000, le=1_000_000, description="Tokens of input of one reading, at most."
    )
    reading_concurrency: int = Field(
        8, ge=1, le=64, description="Readings that are made at once by one process."
    )
    monitor: str = Field(
        "127.0.0.1:9464",
        description="Where `run` serves `/healthz`, `/readyz` and `/metrics`, as `host:port`; "
        "`off`: nowhere.",
    )
    keep_messages_days: int = Field(
        90,
        ge=14,
        le=36_500,
        description="Days that sent messages are kept, at least 14; what was shown stays known.",
    )
    keep_ledger_days: int = Field(
        400,
        ge=400,
        le=36_500,
        description="Days that the bot knows which paper it showed to whom, at least 400.",
    )
    keep_papers_days: int | None = Field(
        None,
        ge=400,
        le=36_500,
        description="Days that papers, their readings and lists are kept, at least 400; unset: "
        "for good.",
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Form of the log's lines: `text` or `json`."
    )
    debug: bool = Field(
        False, description="Log everything, and show where a fault of the program lies."
    )
    now: str | None = Field(
        None, description="The instant to take for now, as `2025-12-27T09:00Z` (for replays)."
    )

    @field_validator("arxiv_categories", "admins", "reading_languages", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo

        try:
            if len(value) > _LONGEST_ZONE:  # each "/" of a name is a folder to go into
                raise ValueError
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            shown = value[:_LONGEST_ZONE]
            raise ValueError(f"there is no zone {shown!r}; an example: Asia/Seoul") from None
        return value

    @field_validator("hour", mode="before")
    @classmethod
    def _wall_time(cls, value: object) -> object:
        # pydantic takes a bare "9" for nine seconds after midnight
        if not isinstance(value, str):
            return value
        if not (found := _HOUR.fullmatch(value.strip())):
            raise ValueError(f"{value!r} is no hour; an example: 09:00")
        return time(int(found[1]), int(found[2] or 0))

    @field_validator("admins")
    @classmethod
    def _named_admins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for admin in value:
            if not _ADMIN.fullmatch(admin):
                raise ValueError(f"{admin!r} is no operator; an example: telegram:12345")
        return value

    @field_validator("arxiv_categories")
    @classmethod
    def _named_categories(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for category in value:
            if not _CATEGORY.fullmatch(category):
                raise ValueError(f"{category!r} is no arXiv category; an example: cs.AI,cs.CL")
        return value

    @field_validator("reading_languages")
    @classmethod
    def _spoken(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for language in value:
            if language not in ("en", "zh", "ko"):
                raise ValueError(f"{language!r} is no language of this bot; they are en, zh, ko")
        return value

    @field_validator(
        "hf_endpoint",
        "arxiv_url",
        "telegram_api_url",
        "telegram_webhook_url",
        "discord_api_url",
        "openai_base_url",
    )
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not re.match(r"https?://[^\s/]", value):
            raise ValueError("an address begins with http:// or https://")
        return value.rstrip("/")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Words, then the environment, then `…_FILE`, then `.env`."""
        return init_settings, env_settings, SecretFiles(settings_cls), dotenv_settings

    @classmethod
    def load(cls, **words: Any) -> Self:
        """Read the environment and `.env` now. Raises SetUpWrong naming the variable."""
        try:
            return cls(**words)
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            field = str(first["loc"][0]) if first["loc"] else "settings"
            message = first["msg"].removeprefix("Value error, ")
            raise SetUpWrong(f"{variable(field)} is not usable: {message}.") from None
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise SetUpWrong(f"The file {DOTENV} cannot be read: {why}.") from None

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Addresses are shown without the password that may stand in them."""
        for name, value in super().__repr_args__():
            yield name, masked(value) if isinstance(value, str) else value

    @classmethod
    def alone(cls, **words: Any) -> Settings:
        """These words and the defaults; neither the environment nor `.env` is looked at."""
        return _Alone(**words)

    @property
    def folder(self) -> Path:
        """The home: as set, else the user's data folder of this system."""
        if self.home is not None:
            return self.home.expanduser()
        from platformdirs import user_data_path

        return user_data_path("paperboy", appauthor=False)

    @property
    def database(self) -> str:
        """The address of the database, secret."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.folder / 'paperboy.sqlite3'}"

    def secrets(self) -> tuple[str, ...]:
        """The values that must never be written anywhere (the database's address is masked by
        its form, for most of it is no secret)."""
        values = (getattr(self, name) for name in SECRETS if name != "database_url")
        return tuple(value.get_secret_value() for value in values if value is not None)


class _Alone(Settings):
    """Settings that only the program itself makes."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)
