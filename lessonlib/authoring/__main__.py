"""What can an author ask for?

python -m lessonlib.authoring refresh [PATHS] [--check] [--all]
python -m lessonlib.authoring exercises [--check]
python -m lessonlib.authoring rules [PATHS]
python -m lessonlib.authoring count [PATHS]
python -m lessonlib.authoring reading [PATHS]
python -m lessonlib.authoring site --to FOLDER
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lessonlib.authoring.page import stored_notebooks
from lessonlib.errors import LessonError


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return 0 if there is nothing to complain about."""
    parser = argparse.ArgumentParser(
        prog="python -m lessonlib.authoring", description="Keep the workbook in order."
    )
    commands = parser.add_subparsers(dest="command", required=True)

    refresh = commands.add_parser("refresh", help="run notebooks, store their outputs")
    refresh.add_argument("paths", nargs="*", type=Path, help="default: all of them")
    refresh.add_argument(
        "--check", action="store_true", help="only say where the normal form is broken"
    )
    refresh.add_argument(
        "--all",
        action="store_true",
        help="take every new output, also those that nbval does not tell from the old",
    )

    exercises = commands.add_parser(
        "exercises", help="make exercises/, the list of mistakes, the glossary"
    )
    exercises.add_argument(
        "--check", action="store_true", help="only say what would change"
    )

    rules = commands.add_parser("rules", help="say which rules a notebook breaks")
    rules.add_argument("paths", nargs="*", type=Path, help="default: all of them")

    count = commands.add_parser("count", help="count cells, compared ones, and words")
    count.add_argument("paths", nargs="*", type=Path, help="default: all of them")

    reading = commands.add_parser("reading", help="say how long lessons take to read")
    reading.add_argument("paths", nargs="*", type=Path, help="default: all of them")

    site = commands.add_parser("site", help="build the site that shows the workbook")
    site.add_argument("--to", type=Path, required=True, help="folder to build it in")

    options = parser.parse_args(arguments)
    try:
        return min(1, _run(options))
    except LessonError as error:
        parser.exit(1, f"{error}\n")


def _run(options: argparse.Namespace) -> int:
    # each branch imports what it needs: nbgrader alone takes seconds
    if options.command == "exercises":
        from lessonlib.authoring import exercises, generated

        if options.check:
            return exercises.check_exercises() + generated.check_pages()
        return exercises.build_exercises() + generated.build_pages()
    if options.command == "site":
        from lessonlib.authoring.site import build_site

        return build_site(options.to)

    paths = options.paths or stored_notebooks()
    if options.command == "count":
        from lessonlib.authoring.counting import print_counts

        return print_counts(paths)
    if options.command == "reading":
        from lessonlib.authoring.reading import print_readings

        return print_readings(paths)
    if options.command == "rules":
        from lessonlib.authoring.rules import complain

        return complain(paths)

    from lessonlib.authoring.refresh import check_all, refresh_all

    if options.check:
        return check_all(paths)
    return refresh_all(paths, keep=not options.all)


if __name__ == "__main__":
    sys.exit(main())
