# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of batches, pure: what differs between Blender and elsewhere is handed in."""

import argparse
import sys

from .job import JobError, load_job
from .run import BAD_JOB, SOME_FAILED, run

_DESCRIPTION = """\
Makes the motion clips that a job file asks for: many rigs, curves, seeds and settings.
The format is described in core/batch/job_schema.json of the add-on and in the README.
"""
_EPILOG = """\
exit code: 0 all clips are done, 1 some failed (they are listed), 2 the job cannot be run.
"""


def parser(program):
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
    parser.add_argument(
        "--resume", action="store_true", help="skip the clips that the manifest proves done"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="check the job, list its clips, make none"
    )
    return parser


def _shard(text):
    number, slash, count = text.partition("/")
    if not slash or not (number.isdigit() and count.isdigit()):
        raise argparse.ArgumentTypeError(f"expected I/N as in 2/8, got {text!r}")
    return int(number), int(count)


def main(arguments, clips, program, members=None):
    """Run a job; the exit code.

    clips: function that makes `pure_clips.PureClips`, or Blender's. members: see `load_job`.
    """
    try:
        options = parser(program).parse_args(arguments)
    except SystemExit as error:  # argparse has said why
        return error.code
    try:
        job = load_job(options.job, members)
        asked = job.shard(*options.shard)
        maker = clips()
        maker.check(job)
    except JobError as error:
        print(f"{error}\n{program}: nothing was done", file=sys.stderr)
        return BAD_JOB
    if options.dry_run:
        for clip in asked:
            print(f"{clip.place} {clip.stem} ({', '.join(clip.outputs)})")
        print(f"{len(asked)} of {len(job.clips)} clips, to {job.output}")
        return 0
    try:
        summary = run(job, maker, shard=options.shard, resume=options.resume, report=_report)
    except OSError as error:  # the folder of the results itself
        print(f"{job.output}: expected a folder to write to, got: {error}", file=sys.stderr)
        return SOME_FAILED
    print(summary.text(), file=sys.stderr if summary.failed else sys.stdout)
    return summary.code


def _report(line):
    print(line, flush=True)
