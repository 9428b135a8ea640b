"""Sets up .venv from the locks with the standard library alone, then becomes the real command."""

import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)


def too_old(
    version: "tuple[int, ...]",
) -> "str | None":  # quoted, so that an old Python gets as far as this sentence
    """The sentence for an interpreter older than the project's oldest, or None."""
    if version >= OLDEST:
        return None
    found, oldest = (".".join(map(str, v)) for v in (version, OLDEST))
    return (
        f"This is Python {found}, Drehscheibe needs {oldest} or newer: "
        f"start it as `python{oldest} drehscheibe.py`."
    )


if too_old(sys.version_info[:2]):
    print(f"drehscheibe: {too_old(sys.version_info[:2])}", file=sys.stderr)
    sys.exit(2)

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "drehscheibe.json"
EXTRAS = ("postgres", "sftp", "mssql", "encryption", "dev")
COMPILE = (
    "compile",
    "-q",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
)
HELP = f"""usage: python3 drehscheibe.py COMMAND …

  setup [GROUP …]   set up and stop; groups beside the base: {", ".join(EXTRAS)}
  test [ARG …]      set up, then run the tests; arguments go to pytest
  lock [--upgrade]  pin versions and hashes anew after a change in pyproject.toml
  COMMAND …         set up, then run `drehscheibe COMMAND …`; `help` lists them
"""
FAILURES = {
    "ensurepip|No module named venv": (
        "This Python makes no virtual environment: `apt install python3-venv` first."
    ),
    "No space left": f"The disk of {ROOT} is full: make room for 1.5 GB, then start again.",
    "Permission denied|Read-only file system": (
        f"No permission to write in {ROOT}: start as its owner, or clone anew."
    ),
    "DO NOT MATCH THE HASHES|Hash mismatch": (
        "A package differs from the locked one (hash): do not use this index."
    ),
    (
        "Failed to fetch|error sending request|NewConnectionError|ProxyError|SSLError|"
        "timed out|network was disabled"
    ): (
        "The package index cannot be reached: check network and proxy (HTTPS_PROXY), "
        "or name a mirror (PIP_INDEX_URL)."
    ),
    "No solution found|No matching distribution": (
        "The index lacks a locked version: use a full one (PIP_INDEX_URL)."
    ),
}
MILESTONE = re.compile(r"\s*(Downloading|Building|Resolved|Prepared|Installed|Uninstalled) ")


class SetupError(Exception):
    """One sentence for the person at the keyboard: what is wrong and what to do."""


def main(argv: list[str]) -> int:
    """Sets up what is missing and runs the command; returns its exit status.

    The status is 2 where the set-up itself failed.
    """
    command, *rest = argv or ["--help"]
    if command in ("-h", "--help"):
        print(HELP, end="")
        return 0
    try:
        prepare_command(command, rest)
    except (SetupError, KeyboardInterrupt) as error:
        print_progress(str(error) or "Interrupted; the next start repairs the set-up.")
        return 2
    if command in ("setup", "lock"):
        return 0
    if command == "test":
        return replace_process(pytest_call(rest))
    return replace_process([str(BIN / "drehscheibe"), *(["--help"] if command == "help" else argv)])


def prepare_command(command: str, rest: list[str]) -> None:
    """Sets up the groups a command needs; `lock` also writes the locks."""
    wanted = {"test": ["dev"], "setup": rest}
    ensure_environment(set(wanted.get(command, ())))
    if command == "lock":
        write_locks(rest)


def lock_files(groups: set[str]) -> list[Path]:
    """The lock files to install for these groups; base and tools always belong to them."""
    for group in groups.difference(EXTRAS):
        raise SetupError(f"There is no group {group!r}; there are {', '.join(EXTRAS)}.")
    suffixes = ["-tools", "", *(f"-{group}" for group in sorted(groups))]
    return [ROOT / f"requirements{suffix}.lock" for suffix in suffixes]


def hash_environment(groups: set[str]) -> str:
    """One SHA-256 over what .venv depends on: folder, Python, locks, project file."""
    total = hashlib.sha256(f"{ROOT} {sys.version_info[:2]}".encode())
    for path in [*lock_files(groups), ROOT / "pyproject.toml"]:
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def read_stamp() -> tuple[set[str], str | None]:
    """The groups asked for so far and the digest they were installed from.

    The digest is None after an interrupted set-up.
    """
    try:
        stamp = json.loads(STAMP.read_text())
        return set(stamp["groups"]).intersection(EXTRAS), stamp["digest"]
    except (OSError, ValueError, KeyError, TypeError):
        return set(), None


def write_stamp(groups: set[str], value: str | None) -> None:
    """Notes what is installed; a stamp cut short counts as none."""
    STAMP.write_text(json.dumps({"groups": sorted(groups), "digest": value}))


def is_ready(wanted: set[str]) -> bool:
    """True if nothing is to be done: then no file is written and no network asked."""
    groups, value = read_stamp()
    return wanted <= groups and (BIN / "python").exists() and value == hash_environment(groups)


def ensure_environment(wanted: set[str]) -> None:
    """Brings .venv to the locked state for these groups and those asked for before.

    A second start waits for the first. Raises SetupError.
    """
    lock_files(wanted)
    if is_ready(wanted):
        return
    if not os.access(ROOT, os.W_OK):
        raise SetupError(explain_failure("Permission denied"))
    # SQLite's file lock is the one in the standard library that works on every system and dies
    # with its holder.
    holder = sqlite3.connect(ROOT / ".venv.lock", timeout=3600, isolation_level=None)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        if not is_ready(wanted):
            set_up(wanted)
    except OSError as error:
        raise SetupError(explain_failure(str(error))) from error
    finally:
        holder.close()


def set_up(wanted: set[str]) -> None:
    """Creates .venv, anew after an interruption, and installs exactly what is locked."""
    started = time.monotonic()
    groups, value = read_stamp()
    groups |= wanted
    if value is None or not (BIN / "python").exists() or not (BIN / "uv").exists():
        create_venv(groups)
    write_stamp(groups, None)
    print_progress("installing the locked libraries: " + ", ".join(["base", *sorted(groups)]))
    # Else every start compiles its imports where Python is told not to write, or may not.
    locks = map(str, lock_files(groups))
    run_uv("sync", "--compile-bytecode", "--require-hashes", *locks)
    run_uv("install", "--no-deps", "--no-build-isolation", "--offline", "-e", str(ROOT))
    write_stamp(groups, hash_environment(groups))
    print_progress(f"ready after {time.monotonic() - started:.1f} s")


def create_venv(groups: set[str]) -> None:
    """Creates an empty .venv with uv in it; an interruption leaves a stamp without digest."""
    print_progress(f"creating {VENV}")
    run_step([sys.executable, "-m", "venv", "--clear", str(VENV)])
    write_stamp(groups, None)
    print_progress("installing uv, pinned by version and hash")
    pip = [str(BIN / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    tools = ["--require-hashes", "-r", str(ROOT / "requirements-tools.lock")]
    run_step([*pip, "--retries", "1", "install", *tools])


def run_uv(*arguments: str) -> None:
    """Runs `uv pip` as one step of the set-up."""
    run_step([str(BIN / "uv"), "pip", *arguments])


def build_environment() -> dict[str, str]:
    """The caller's environment for uv, with this .venv and the machine's certificates.

    A mirror named for pip holds for uv, too.
    """
    env = {"UV_SYSTEM_CERTS": "1", **os.environ, "VIRTUAL_ENV": str(VENV)}
    if "PIP_INDEX_URL" in env and not env.keys() & {"UV_DEFAULT_INDEX", "UV_INDEX_URL"}:
        env["UV_DEFAULT_INDEX"] = env["PIP_INDEX_URL"]
    return env


def run_step(call: list[str]) -> None:
    """Runs one step of the set-up, shows its milestones, and turns its failure into a sentence."""
    lines: list[str] = []
    pipe, env = subprocess.PIPE, build_environment()
    with subprocess.Popen(
        call, cwd=ROOT, env=env, stdout=pipe, stderr=subprocess.STDOUT, encoding="utf-8"
    ) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if MILESTONE.match(line):
                print_progress("  " + line.strip())
    if process.returncode:
        print("\n".join(lines[-12:]), file=sys.stderr)
        raise SetupError(explain_failure("\n".join(lines)))


def explain_failure(output: str) -> str:
    """One sentence on what to do, from the output of a step that failed."""
    known = (sentence for pattern, sentence in FAILURES.items() if re.search(pattern, output))
    return next(known, "The set-up failed, see above; the next start tries again.")


def write_locks(arguments: list[str]) -> None:
    """Writes requirements*.lock from pyproject.toml; each agrees with those before it.

    None of them names an index.
    """
    held: list[str] = []
    for group in ("", "tools", *EXTRAS):
        out = f"requirements-{group}.lock" if group else "requirements.lock"
        run_uv(*COMPILE, *lock_sources(group), *held, *arguments, "-o", out)
        held += ["-c", out]
        print_progress(f"wrote {out}")


def lock_sources(group: str) -> list[str]:
    """The arguments that name the requirements of a group; '' is the base."""
    if group == "tools":
        return ["--group", "pyproject.toml:tools"]
    return ["pyproject.toml", *(["--extra", group] if group else [])]


def pytest_call(arguments: list[str]) -> list[str]:
    """The call of the tests; a path relative to the caller's folder keeps its meaning."""
    given = [str(Path(a).absolute()) if Path(a.split("::")[0]).exists() else a for a in arguments]
    os.chdir(ROOT)  # where pytest finds its settings
    # The tests start hundreds of processes; each would compile all that it imports.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return [str(BIN / "python"), "-m", "pytest", "-n", "auto", *given]


def replace_process(call: list[str]) -> int:
    """Replaces this process by the command, so that signals and exit status are its own."""
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    if os.name == "nt":
        return subprocess.call(call)
    os.execv(call[0], call)


def print_progress(text: str) -> None:
    """Prints to stderr: stdout belongs to the command."""
    print(f"drehscheibe: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
