"""The few questions in their order, each answer tried at once, and what they change."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.cli.bots import Bot, NotReached, TokenRefused, discord_bot, telegram_bot
from bot.cli.init.asking import NONE, TRIES, Asker
from bot.cli.init.env_file import EnvFile, plain
from bot.cli.init.machine import language_here, zone_here
from bot.errors import PaperboyError, SetUpWrong, Usage

_PATIENCE = 20.0  # seconds for the model
_PLATFORMS = ("telegram", "discord")
_NAMES = {"telegram": "Telegram", "discord": "Discord"}
_TOKENS = {"telegram": "PAPERBOY_TELEGRAM_TOKEN", "discord": "PAPERBOY_DISCORD_TOKEN"}
_WHERE = {
    "telegram": "Write /newbot to @BotFather on Telegram; it gives a token.",
    "discord": "https://discord.com/developers/applications: New Application; Bot, Reset Token "
    "gives a token.",
}
_IDS = {
    "telegram": "@userinfobot on Telegram tells your id",
    "discord": "Settings, Advanced, Developer Mode; then Copy User ID on your own name",
}
_LIKE = {"telegram": "123456789", "discord": "123456789012345678"}
_ID = {
    "telegram": re.compile(r"[1-9]\d{0,18}", re.A),
    "discord": re.compile(r"[1-9]\d{14,19}", re.A),
}
_ADMINS, _ZONE, _LANGUAGE, _HOUR = (
    "PAPERBOY_ADMINS", "PAPERBOY_ZONE", "PAPERBOY_LANGUAGE", "PAPERBOY_HOUR",
)  # fmt: skip
_MODEL, _BASE, _KEY, _HOME = (
    "PAPERBOY_LLM_MODEL", "OPENAI_BASE_URL", "OPENAI_API_KEY", "PAPERBOY_HOME",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """What came as options: not asked for."""

    telegram_token_file: Path | None = None
    discord_token_file: Path | None = None
    admins: tuple[str, ...] | None = None
    zone: str | None = None
    language: str | None = None
    hour: str | None = None
    model: str | None = None
    base_url: str | None = None
    key_file: Path | None = None
    home: str | None = None

    def token_file(self, platform: str) -> Path | None:
        """The file with the platform's token."""
        return self.telegram_token_file if platform == "telegram" else self.discord_token_file


class Questions:
    """Asks; what stands in the file is the default."""

    def __init__(self, env: EnvFile, asker: Asker, given: Given) -> None:
        self._env = env
        self._asker = asker
        self._given = given
        self._changes: dict[str, str | None] = {}
        self._bots: dict[str, Bot] = {}

    def answered(self) -> dict[str, str | None]:
        """What is to be written: name and value, None for what is to go. Raises Usage,
        SetUpWrong for an option that cannot be used."""
        self._asker.hint(
            f"Settings for {self._env.path}. Enter takes what stands in brackets, {NONE} takes a "
            "value away;\nCtrl-C leaves everything as it was."
        )
        for platform in self._platforms():
            self._platform(platform)
        self._operators()
        self._habits()
        self._model()
        self._data()
        return {
            name: value
            for name, value in self._changes.items()
            if value != self._env.values.get(name)
        }

    def next_steps(self, file: Path) -> Iterator[str]:
        """What to do now."""
        yield "Next:"
        if file != Path(".env"):
            yield f"  Paperboy reads .env in the folder where it is started; {file} is for others"
            yield "  (docker run --env-file, EnvironmentFile= of systemd)."
        yield "  paperboy doctor   looks at everything"
        yield "  paperboy run      is the bot"
        if (bot := self._bots.get("telegram")) is not None:
            yield f"  Telegram: {bot.link}, press Start, then /subscribe"
        if (bot := self._bots.get("discord")) is not None:
            yield f"  Discord: invite it by {bot.link}"
            yield "           then /subscribe in a channel"
        if not any(self._is_set(_TOKENS[one]) for one in _PLATFORMS):
            yield "  paperboy chat     is the bot in this terminal, without any platform"
        for name in sorted(self._changes):
            if os.environ.get(name) and os.environ[name] != self._value(name):
                yield f"  Mind: {name} is set in your environment, which goes before the file."

    # Values

    def _value(self, name: str) -> str | None:
        """As it will stand in the file."""
        return self._changes[name] if name in self._changes else self._env.values.get(name)

    def _is_set(self, name: str) -> bool:
        return bool(self._value(name) or self._value(f"{name}_FILE"))

    def _set(self, name: str, value: str | None) -> None:
        self._changes[name] = value

    def _ask(
        self, name: str, question: str, default: str, read: Callable[[str], str], none: str = "none"
    ) -> str | None:
        """A value that is no secret; what is there goes before `default`; "" is None."""
        standing = self._value(name) or default

        def understood(typed: str) -> str | None:
            if typed in ("", NONE):
                return None
            return plain(read(typed))

        try:
            return self._asker.ask(question, standing, understood, shown=standing or none)
        except Usage as error:
            self._asker.say(f"  What stands there cannot be used: {error}")
            return None

    # Questions

    def _platforms(self) -> list[str]:
        named = [one for one in _PLATFORMS if self._given.token_file(one) is not None]
        there = [one for one in _PLATFORMS if self._is_set(_TOKENS[one])]
        if named:
            return [one for one in _PLATFORMS if one in named or one in there]
        default = "telegram" if self._env.is_new else "none"
        if there:
            default = "both" if len(there) == 2 else there[0]

        def read(typed: str) -> list[str]:
            word = typed.lower()
            known = {"both": [*_PLATFORMS], "none": [], NONE: [], **{p: [p] for p in _PLATFORMS}}
            if word not in known:
                raise Usage(f'"{typed}" is none of telegram, discord, both, none.')
            return known[word]

        self._asker.hint()
        chosen = self._asker.ask(
            "Where is it to be: telegram, discord, both or none", default, read
        )
        for platform in there:
            if platform not in chosen:
                self._asker.say(f"  The token of {_NAMES[platform]} is taken out.")
                self._set(_TOKENS[platform], None)
                self._set(f"{_TOKENS[platform]}_FILE", None)
        return chosen

    def _platform(self, platform: str) -> None:
        name = _TOKENS[platform]
        if (path := self._given.token_file(platform)) is not None:
            self._try(platform, _read(path))
            self._secret_file(name, path)
            return
        if not self._is_set(name):
            self._asker.hint(_WHERE[platform])
        shown = "set" if self._is_set(name) else "none"
        for _ in range(TRIES):
            token = self._asker.ask(
                f"Token of {_NAMES[platform]} (not shown)", "", str, shown=shown, hidden=True
            )
            if token == NONE:
                self._set(name, None)
                self._set(f"{name}_FILE", None)
                return
            if not token:
                self._try(platform, self._standing_secret(name))
                return
            try:
                fits = self._try(platform, plain(token))
            except Usage as error:
                self._asker.say(f"  {error}")
                continue
            if fits:
                self._set(name, token)
                self._set(f"{name}_FILE", None)
                return
        self._asker.say("  No token was taken; run this again with the right one.")

    def _try(self, platform: str, token: str | None) -> bool:
        """Whether the token may be kept: it is taken, or nobody can be asked."""
        if not token:
            return False
        asked = telegram_bot if platform == "telegram" else discord_bot
        address = f"PAPERBOY_{platform.upper()}_API_URL"
        url = os.environ.get(address) or self._value(address)
        try:
            bot = asyncio.run(asked(token, url or None))
        except TokenRefused as error:
            self._asker.say(f"  {error}")
            return False
        except NotReached as error:
            self._asker.say(f"  {error} It could not be tried, and is kept as it is.")
            return True
        self._bots[platform] = bot
        self._asker.say(f"  This is {bot.name}.")
        if platform == "discord":
            self._asker.say(f"  To invite it: {bot.link}")
        return True

    def _operators(self) -> None:
        if self._given.admins is not None:
            for one in self._given.admins:
                name, _, person = one.partition(":")
                if name not in _ID or not _ID[name].fullmatch(person):
                    raise Usage(f"{one!r} is no operator; an example: telegram:12345.")
            self._set(_ADMINS, ",".join(self._given.admins) or None)
            return
        said = [one.strip() for one in (self._value(_ADMINS) or "").split(",") if one.strip()]
        kept = [one for one in said if one.partition(":")[0] not in _PLATFORMS]
        for platform in _PLATFORMS:
            own = [one.partition(":")[2] for one in said if one.startswith(f"{platform}:")]
            if not self._is_set(_TOKENS[platform]):
                kept += [f"{platform}:{one}" for one in own]
                continue

            def read(typed: str, platform: str = platform) -> list[str]:
                ids = [one for one in re.split(r"[,;\s]+", typed) if one and one != NONE]
                for one in ids:
                    if not _ID[platform].fullmatch(one):
                        raise Usage(
                            f'"{one}" is no id of {_NAMES[platform]}; an example: '
                            f"{_LIKE[platform]}."
                        )
                return ids

            self._asker.hint(f"Operators hear of failures, and let chats in ({_IDS[platform]}).")
            ids = self._asker.ask(
                f"Your id on {_NAMES[platform]}", ",".join(own), read, shown=",".join(own) or "none"
            )
            kept += [f"{platform}:{one}" for one in ids]
        self._set(_ADMINS, ",".join(kept) or None)

    def _habits(self) -> None:
        from bot import choices

        def hour(typed: str) -> str:
            return f"{choices.hour(typed):%H:%M}"

        self._asker.hint("For chats that choose nothing:")
        for name, given, question, default, read in (
            (_ZONE, self._given.zone, "Zone (a city will do)", zone_here(), choices.zone),
            (_LANGUAGE, self._given.language, "Language: en, zh or ko", language_here(),
             choices.language),
            (_HOUR, self._given.hour, "Hour of the digest", "09:00", hour),
        ):  # fmt: skip
            if given is not None:
                self._set(name, read(given))
            else:
                self._set(name, self._ask(name, question, default, read))

    def _model(self) -> None:
        given = self._given
        if given.model is None:
            self._asker.hint(
                "A language model reads the papers for you, at your cost. Without one, cards show\n"
                "the sources' own lines and sentences of the abstract."
            )
            model = self._ask(_MODEL, "Model (as gpt-5-mini, qwen3:8b)", "", str)
        else:
            model = plain(given.model) if given.model else None
        self._set(_MODEL, model)
        if model is None:
            return
        if given.base_url is None:
            question = "Base of its service (Ollama: http://127.0.0.1:11434/v1)"
            self._set(_BASE, self._ask(_BASE, question, "", _address, "OpenAI's"))
        else:
            self._set(_BASE, plain(_address(given.base_url)) if given.base_url else None)
        if given.key_file is not None:
            key: str | None = _read(given.key_file)
            self._secret_file(_KEY, given.key_file)
        else:
            key = self._key()
        self._try_model(model, key)

    def _key(self) -> str | None:
        shown = "set" if self._is_set(_KEY) else "none"
        for _ in range(TRIES):
            try:
                typed = self._asker.ask("Key (not shown)", "", str, shown=shown, hidden=True)
                if typed:
                    self._set(_KEY, None if typed == NONE else plain(typed))
                    self._set(f"{_KEY}_FILE", None)
                break
            except Usage as error:
                self._asker.say(f"  {error}")
        return self._standing_secret(_KEY)

    def _try_model(self, model: str, key: str | None) -> None:
        from bot.cli.model_trial import try_model

        base = self._value(_BASE)
        try:
            trial = asyncio.run(try_model(model, key, base, patience=_PATIENCE))
        except PaperboyError as error:
            self._asker.say(f"  {error} It is kept as it is.")
            return
        self._asker.say(
            f"  It answers, by {trial.form}: {trial.seconds:.1f} s, {trial.tokens} tokens."
        )

    def _data(self) -> None:
        if self._given.home is not None:
            self._set(_HOME, plain(self._given.home) if self._given.home else None)
            return
        if self._is_set("PAPERBOY_DATABASE_URL"):
            return
        from platformdirs import user_data_path

        default = str(user_data_path("paperboy", appauthor=False))
        there = self._value(_HOME)
        answer = self._asker.ask("Folder of the database", there or default, str)
        if answer == NONE or (answer == default and there is None):
            self._set(_HOME, None)
            return
        try:
            self._set(_HOME, plain(answer))
        except Usage as error:
            self._asker.say(f"  {error} It stays {there or default}.")

    # Secrets

    def _secret_file(self, name: str, path: Path) -> None:
        """The file is named, the secret stays in it."""
        self._set(f"{name}_FILE", plain(str(path.absolute())))
        self._set(name, None)

    def _standing_secret(self, name: str) -> str | None:
        """The secret as it will be set, to try it; None: there is none, or it cannot be read."""
        if value := self._value(name):
            return value
        if not (path := self._value(f"{name}_FILE")):
            return None
        try:
            return _read(Path(path))
        except SetUpWrong as error:
            self._asker.say(f"  {error}")
            return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise SetUpWrong(f"The file {path} cannot be read: {why}.") from None


def _address(typed: str) -> str:
    if not re.match(r"https?://[^\s/]", typed):
        raise Usage("An address begins with http:// or https://.")
    return typed.rstrip("/")
