"""What can be asked for in a terminal?

python -m lessonlib.deploy FOLDER --to DIR --domain predict.example.org
"""

import argparse
import sys
from pathlib import Path

from lessonlib.deploy.host import deploy
from lessonlib.errors import LessonError


def main(words: list[str] | None = None) -> None:
    """Write what a host needs to serve a saved model."""
    parser = argparse.ArgumentParser(prog="python -m lessonlib.deploy")
    parser.add_argument("folder", help="where save_model has put the model")
    parser.add_argument("--to", required=True, help="a new folder, for all of it")
    parser.add_argument("--domain", required=True, help="the address that callers ask")
    parser.add_argument("--name", help="of the service (as the model is called)")
    parser.add_argument("--port", type=int, default=8000, help="behind nginx (8000)")
    options = vars(parser.parse_args(words))
    to = options["to"]
    try:
        written = deploy(options.pop("folder"), options.pop("to"), **options)
    except (LessonError, ValueError) as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{to} cannot be written: {error.strerror}")
    if "--hash" not in Path(to, "requirements.txt").read_text(encoding="utf-8"):
        print("Other packages than the lesson's made this model: versions, no hashes.")
    print(f"{to} has {', '.join(written)}; its README.md says how to go on")


if __name__ == "__main__":
    main()
