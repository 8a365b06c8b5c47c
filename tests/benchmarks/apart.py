"""Measure one run in a process of its own: its CPU seconds, and the memory it needed beyond what was there before."""

import ctypes
import gc
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Answer = tuple[int, int]
"""Mentees placed and points reached."""


@dataclass(frozen=True)
class Row:
    """One measured line: who, CPU seconds, mebibytes, mentees placed, points reached. Without an answer: why."""

    name: str
    seconds: float = 0.0
    mebibytes: int = 0
    placed: int = 0
    points: int = 0
    missing: str = ""


def peak_mebibytes() -> int:
    """Largest resident size of this process until now."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts in ru_maxrss what the process was before it became this program
        return int(status.read_text(encoding="ascii").split("VmHWM:")[1].split()[0]) // 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


def _give_back() -> None:
    """Return what is free to the system, where the C library can: a fork would not need to ask for it, and look small."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)


def apart(name: str, prepare: Callable[[], Callable[[], Answer]], limit: float = 600.0) -> Row:
    """Prepare and run in a forked process; only the run is timed, memory counts both. Broken off after ``limit`` seconds."""
    _give_back()
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)

    def work() -> None:
        start = peak_mebibytes()
        run = prepare()
        before = time.process_time()
        answer = run()
        there.send((time.process_time() - before, peak_mebibytes() - start, *answer))
        there.close()
        os._exit(0)

    child = context.Process(target=work)
    child.start()
    there.close()
    try:
        if here.poll(limit):
            return Row(name, *here.recv())
        return Row(name, missing=f"not done in {limit:.0f} s")
    except EOFError:
        return Row(name, missing="ended without an answer")
    finally:
        child.kill()
        child.join()
