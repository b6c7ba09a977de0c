"""What people do during a soak: they type, press, leave, come back, move, and delete topics."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from scripts.soaking.clock import Clock
from scripts.soaking.press import SUBJECTS, Press
from scripts.soaking.town import ZONES, Home, Town
from tests.wires.discordian.people import Member

# Lines and how often they are typed; {paper} and the like are filled in.
LINES = {
    "/start": 2,
    "/help": 1,
    "/help topics": 1,
    "/subscribe {subject}": 2,
    "/subscribe everything": 2,
    "/unsubscribe yes": 1,
    "/topics": 2,
    "/topics add {subject}": 4,
    "/topics remove 1": 6,
    "/topics test {subject}": 2,
    "/topics add (((": 1,
    "/paper {paper}": 6,
    "/paper {subject}": 2,
    "/paper 9999.99999": 1,
    "/ask {paper} What data sets are used?": 4,
    "/search {subject}": 3,
    "/today": 3,
    "/today yesterday": 2,
    "/settings": 3,
    "/settings hour {hour}": 3,
    "/settings zone {zone}": 2,
    "/settings language {language}": 2,
    "/settings layout {layout}": 2,
    "/settings days mon-fri": 1,
    "/settings days every day": 1,
    "/settings limit 5": 1,
    "/pause 2": 1,
    "/pause": 1,
    "/resume": 3,
    "/status": 4,
    "/why {paper}": 3,
    "/save {paper}": 3,
    "/saved": 2,
    "/export": 1,
    "/forget yes": 1,
    "/nonsense": 1,
    "just talking": 1,
}

_PASSING = 0.04  # of the acts are somebody's who never was there before


@dataclass
class People:
    """The town's people, by a seeded schedule of `acts` a simulated day."""

    town: Town
    press: Press
    clock: Clock
    seed: int
    acts: int
    did: Counter[str] = field(default_factory=Counter)
    going: bool = True
    away: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)  # and back when

    def __post_init__(self) -> None:
        self.dice = random.Random(f"{self.seed} people")
        self.talkers = [home for home in self.town.homes if not home.quiet]

    async def live(self) -> None:
        """Do what they do; ends only when it is cancelled, or nobody does anything."""
        at = self.clock()
        while self.acts:
            at += timedelta(days=self.dice.expovariate(self.acts))
            while self.clock() < at:  # noqa: ASYNC110  # a clock that stands sets no event
                await asyncio.sleep(0.02)
            self._come_back()
            if self.going and self.talkers:
                with suppress(AssertionError, KeyError, LookupError, ValueError):
                    self.act(self.dice.choice(self.talkers))  # what is not there is not pressed

    def all_back(self) -> None:
        """Whoever is away comes back now."""
        self._come_back(everybody=True)

    def _come_back(self, *, everybody: bool = False) -> None:
        now = self.clock()
        for one in [one for one in self.away if everybody or one[0] <= now]:
            self.away.remove(one)
            with suppress(AssertionError, KeyError, LookupError, ValueError):
                one[1]()

    def act(self, home: Home) -> None:
        """One person does one thing. Raises for what is not possible there."""
        chance = self.dice.random()
        if chance < _PASSING:
            self._pass_by()
        elif chance < 0.06 and home.fate in ("comes and goes", "group", "moves"):
            self._leave(home)
        elif chance < 0.08 and home.fate == "moves" and home.chat.type == "group":
            self.did["moves"] += 1
            home.chat = self.town.telegram.migrate(home.chat, home.person)
        elif chance < 0.25:
            self._press(home)
        else:
            self._say(home)

    def _pass_by(self) -> None:
        """Somebody new tries the bot, and has everything forgotten some hours later."""
        self.did["passes by"] += 1
        telegram, hours = self.town.telegram, self.dice.uniform(1, 36)
        person = telegram.person(f"Passer {self.did['passes by']}", language="ko")
        chat = telegram.private(person)
        for line in ("/start", "/subscribe everything", f"/save {self._paper()}"):
            telegram.type(chat, person, line)

        def be_forgotten() -> None:
            telegram.type(chat, person, "/forget yes")

        self.away.append((self.clock() + timedelta(hours=hours), be_forgotten))

    def _say(self, home: Home) -> None:
        line = self.dice.choices(list(LINES), list(LINES.values()))[0]
        self.did[line.split(" ")[0]] += 1
        words = line.format(
            paper=self._paper(),
            subject=self.dice.choice(SUBJECTS),
            hour=f"{self.dice.randrange(24)}:{self.dice.choice(('00', '30'))}",
            zone=self.dice.choice(ZONES),
            language=self.dice.choice(("en", "zh", "ko")),
            layout=self.dice.choice(("packed", "cards", "compact", "thread")),
        )
        if home.place:
            if words.startswith("/"):
                self.town.discord.typed(self._who(home), home.place, words)
        else:
            thread = next(iter(home.chat.topics), None)
            self.town.telegram.type(home.chat, home.person, words, thread=thread)

    def _who(self, home: Home) -> Member:
        assert isinstance(home.person, Member)
        return home.person

    def _paper(self) -> str:
        today = self.clock().date()
        recent = (self.press.papers(today - timedelta(days=back)) for back in range(4))
        found = list(chain.from_iterable(recent))
        return self.dice.choice(found).id if found else "2512.15716"

    def _press(self, home: Home) -> None:
        self.did["press"] += 1
        if home.place:
            known = self.town.discord.backend.messages.get(home.place, {})
            number = self.dice.choice(sorted(known)[-5:])
            labels = list(self.town.discord.buttons_of(home.place, number))
            chosen = self.dice.choice(labels)
            self.town.discord.pressed(self._who(home), home.place, number, chosen)
            return
        message = self.dice.choice(home.chat.spoken[-5:])
        buttons = [one for row in message.buttons for one in row if one.get("callback_data")]
        self.town.telegram.tap(home.person, message, self.dice.choice(buttons)["callback_data"])

    def _leave(self, home: Home) -> None:
        """The bot is blocked or thrown out, and let in again some days later."""
        telegram, chat, person = self.town.telegram, home.chat, home.person
        if chat.moved_to is not None or chat.members[telegram.bot.id] != "member":
            return
        self.did["leaves"] += 1
        telegram.set_bot(chat, person, "kicked")
        back = self.clock() + timedelta(days=self.dice.uniform(0.1, 3))

        def come_back() -> None:
            telegram.set_bot(chat, person, "member")
            if self.dice.random() < 0.5:
                telegram.type(chat, person, "/subscribe everything")

        self.away.append((back, come_back))
