# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of batches, pure: what differs between Blender and elsewhere is handed in."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import TYPE_CHECKING

from ..networks.untrusted import shown
from .job import JobError, load_job
from .kept import strangers
from .lock import HeldError, held
from .manifest import Manifest
from .run import ALL_DONE, BAD_JOB, SOME_FAILED, STOPPED, explained, run
from .upkeep import refused, remove, superfluous, unproved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, TextIO


_DESCRIPTION = """\
Makes the motion clips that a job file asks for: many rigs, curves, seeds and settings.
The format is described in core/batch/job_schema.json of the add-on and in docs/headless.md.
"""
_EPILOG = """\
exit code: 0 all clips are done, 1 some failed (they are listed), 2 the job cannot be run: it is
wrong, its folder cannot be written to, or another run is at it. 130 it was stopped by Ctrl+C.
"""
_SWITCHES = {
    "--resume": "skip the clips that the manifest proves done",
    "--overwrite": "replace files that no batch made, or that were changed since, as well",
    "--dry-run": "list the clips, and what making them would refuse (exit code 1); make none",
    "--strict": "exit code 1 as well if walkers of a crowd come too near or go through an obstacle",
    "--verify": "prove that every clip is there and sound, change nothing (exit code 0 or 1)",
    "--prune": (
        "remove files that this job made and no longer asks for; with --dry-run only list them"
    ),
}


def parser(program: str) -> argparse.ArgumentParser:
    """The argument parser; program: how the user calls it."""
    parser = argparse.ArgumentParser(
        prog=program,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("job", help="the job file, JSON")
    parser.add_argument(
        "--shard",
        type=_shard,
        default=(1, 1),
        metavar="I/N",
        help="make only the I-th of N even parts of the job",
    )
    for name, text in _SWITCHES.items():
        parser.add_argument(name, action="store_true", help=text)
    return parser


def _shard(text):
    number, slash, count = text.partition("/")
    if not slash or not (number.isdigit() and count.isdigit()):
        raise argparse.ArgumentTypeError(f"expected I/N as in 2/8, got {text!r}")
    return int(number), int(count)


def main(
    arguments: Sequence[str] | None,
    clips: Callable[[], Any],
    program: str,
    members: Callable[..., Iterable[str]] | None = None,
) -> int:
    """Run a job; the exit code.

    clips: function that makes `pure_clips.PureClips`, or Blender's. members: see `load_job`.
    """
    try:
        options = parser(program).parse_args(arguments)
    except SystemExit as error:  # argparse has said why
        return error.code  # type: ignore[return-value]  # argparse's are numbers
    try:
        job = load_job(options.job, members)
        asked = job.shard(*options.shard)
        maker = clips()
        maker.check(job)
        return _answer(options, job, asked, maker)
    except (JobError, HeldError) as error:
        say(f"{error}\n{program}: nothing was done", sys.stderr)
    except OSError as error:  # the folder of the results itself
        told = f"{job.output}: expected a folder to write to, got: {explained(error)}"
        say(f"{told}\n{program}: nothing was done", sys.stderr)
    except KeyboardInterrupt:
        say(
            f"{program}: stopped. What is finished stays: --resume goes on with the rest",
            sys.stderr,
        )
        return STOPPED
    return BAD_JOB


def _answer(options, job, asked, maker):
    """Do what was asked of a sound job; the exit code."""
    if options.verify:
        bad = [_named(*pair) for pair in unproved(job, asked, maker)]
        return _verdict(bad, f"{len(asked) - len(bad)} of {len(asked)} clips are there and sound")
    if options.prune:
        return _prune(job, list_only=options.dry_run)
    for line in _renamed(job):
        say(line, sys.stderr)
    if options.dry_run:
        for clip in asked:
            say(f"{clip.place} {clip.stem} ({', '.join(clip.outputs)})")
        bad = [_named(*pair) for pair in refused(asked, maker)]
        if not options.overwrite:
            found = strangers(job.output, asked, Manifest(job.output))
            bad += [_named(*pair) for pair in found]
        return _verdict(bad, f"{len(asked)} of {len(job.clips)} clips, to {job.output}")
    how = {"shard": options.shard, "resume": options.resume, "overwrite": options.overwrite}
    summary = run(job, maker, **how, report=say)
    say(summary.text(), sys.stderr if summary.failed else None)
    if options.strict and summary.unsolved:
        where = ", ".join(summary.unsolved)
        say(f"--strict: bodies come too near or go through obstacles in {where}", sys.stderr)
        return SOME_FAILED
    return summary.code


def _renamed(job):
    """A warning, if clips have other names than the job asks for."""
    if not job.renamed:
        return []
    (wanted, given), *others = job.renamed
    more = f", and {len(others)} more names are changed" if others else ""
    line = (
        "warning: names of files are kept inside the output folder and to a to z, digits and "
        f". _ - +: {shown(wanted)} becomes {shown(given)}{more}"
    )
    return [line]


def _named(clip, text):
    return f"  {clip.stem}: {text}"


def _verdict(bad, text):
    """Say what is wrong, if anything, and a summary; the exit code."""
    say("\n".join([text, *bad]), sys.stderr if bad else None)
    return SOME_FAILED if bad else ALL_DONE


def _prune(job, *, list_only):
    with held(job.output, (1, 1)) if job.output.is_dir() else contextlib.nullcontext():
        found = superfluous(job)
        for path in found.paths:
            say(path.relative_to(job.output).as_posix())
        for path, why in found.kept:
            say(f"{path.relative_to(job.output).as_posix()} stays: {why}", sys.stderr)
        if not list_only:
            remove(found.paths, job.output)
    told = f"{len(found.paths)} files {'would be' if list_only else 'were'} removed"
    say(f"{told} from {job.output}")
    return ALL_DONE


def say(text: str, file: TextIO | None = None) -> None:
    """Print, unless nobody listens any more: a batch goes on when its terminal is closed."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=file or sys.stdout, flush=True)
