"""Many users at once: ``python -m benchmarks.load [--users 50] [--seconds 60]``.

Serves the current build and lets users open the page and ask one question after the other through the HTTP
API, each as soon as the answer before is there. No question is asked twice, since answers are kept. Prints
answers, errors, times, and the server's memory.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from itertools import count
from pathlib import Path
from statistics import median, quantiles

import httpx
from pydantic import TypeAdapter

from benchmarks.serving import served
from kg.settings import PROJECT_ROOT

_OPENINGS = ("", "请问", "想了解一下，", "麻烦问一下，", "我想知道，")
_EXAMPLES = PROJECT_ROOT / "tests" / "eval" / "questions.jsonl"


def main() -> None:
    """Serve, ask for the time given, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    lines = _EXAMPLES.read_text("utf-8").splitlines()
    questions = [str(TypeAdapter(dict[str, object]).validate_json(line)["question"]) for line in lines]
    with served() as address:
        before = _memory_mb(address)
        times, errors = asyncio.run(_ask(address, questions, options.users, options.seconds))
        after = _memory_mb(address)
    print(f"{options.users} users, {options.seconds:.0f} s: {len(times)} answers, {len(errors)} errors")
    print(f"p50 {median(times) * 1000:.0f} ms, p95 {quantiles(times, n=20)[-1] * 1000:.0f} ms (limit 2000)")
    print(f"memory of the server: {before:.0f} MB at the start, {after:.0f} MB at the end")
    for error in errors[:5]:
        print(error)


async def _ask(
    address: str, questions: list[str], users: int, seconds: float
) -> tuple[list[float], list[str]]:
    """Seconds of every answer, and what went wrong."""
    times: list[float] = []
    errors: list[str] = []
    numbers = count()
    end = time.monotonic() + seconds

    async def user(client: httpx.AsyncClient) -> None:
        page = await client.get("/")
        if page.status_code != 200:
            errors.append(f"page: {page.status_code}")
        while time.monotonic() < end:
            question = _worded(next(numbers), questions)
            started = time.monotonic()
            try:
                answer = await client.post("api/v1/ask", json={"question": question})
            except httpx.HTTPError as error:
                errors.append(f"{question}: {error!r}")
                continue
            times.append(time.monotonic() - started)
            if answer.status_code != 200:
                errors.append(f"{question}: {answer.status_code} {answer.text[:200]}")

    limits = httpx.Limits(max_connections=users)
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=60, limits=limits) as client:
        await asyncio.gather(*(user(client) for _ in range(users)))
    return times, errors


def _worded(number: int, questions: list[str]) -> str:
    """The questions in turn, in other words in every round."""
    turn, at = divmod(number, len(questions))
    return f"{_OPENINGS[turn % len(_OPENINGS)]}{questions[at]}" + "？" * (turn // len(_OPENINGS))


def _memory_mb(address: str) -> float:
    """Resident memory of the process that listens at an address."""
    port = f"{int(address.rstrip('/').rpartition(':')[2]):04X}"
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    (entry,) = [line for line in listening if line[1].endswith(f":{port}") and line[3] == "0A"]
    inode = f"socket:[{entry[9]}]"
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) == inode for link in (process / "fd").iterdir()):
                status = (process / "status").read_text()
                return int(status.partition("VmRSS:")[2].split()[0]) / 1024
        except OSError:
            continue
    raise RuntimeError("the server's process was not found")


if __name__ == "__main__":
    main()
