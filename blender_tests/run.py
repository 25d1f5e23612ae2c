# SPDX-License-Identifier: GPL-3.0-or-later
r"""pytest inside Blender, against the installed zip.

    python blender_tests/run.py --zip ZIP [pytest arguments]                (bpy wheel)
    blender -b --factory-startup --python-exit-code 1 \
        --python blender_tests/run.py -- --zip ZIP [pytest arguments]       (Blender itself)
"""

import argparse
import os
import sys

_FLAGS = {"-q", "-s", "-v", "-x"}  # of pytest: no value comes after them
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from support import user_folder

user_folder.make()  # before bpy is imported


def main():
    from support import install

    install.isolate()
    import pytest
    from support import sharing

    parser = argparse.ArgumentParser(description="Run the tests that need Blender.")
    parser.add_argument("--zip", required=True, help="the built zip of the add-on")
    parser.add_argument("--shared", help="a folder: other runs that name it do the other files")
    options, rest = parser.parse_known_args(install.arguments())
    os.environ["QUATERNET_ZIP"] = os.path.abspath(options.zip)
    where = [] if _names_tests(rest) else [HERE]
    plugins = [sharing.Sharing(options.shared)] if options.shared else []
    return pytest.main(["-c", os.path.join(HERE, "pytest.ini"), *where, *rest], plugins=plugins)


def _names_tests(arguments):
    """True if one of pytest's arguments is a file or folder, and not the value of an option."""
    for before, argument in zip(["", *arguments], arguments, strict=False):
        value = before.startswith("-") and "=" not in before and before not in _FLAGS
        if not value and os.path.exists(argument.split("::")[0]):
            return True
    return False


if __name__ == "__main__":
    code = 1
    try:
        code = int(main())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        user_folder.remove()
        os._exit(code)  # Rigify crashes or hangs 4.2 and 4.5 at a normal exit
