"""python -m study run | verify | report"""

import argparse
import sys

from . import commands, results


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m study", description="The study: run it, check it, read it."
    )
    actions = parser.add_subparsers(dest="action", required=True)
    run = actions.add_parser("run", help="train what is missing")
    run.add_argument(
        "--only",
        nargs="+",
        metavar="NAME",
        help="experiments whose names begin so, such as S0 S4-relu",
    )
    run.add_argument("--seeds", type=int, metavar="N", help="at most N seeds of each experiment")
    options = parser.parse_args(arguments)
    try:
        return commands.run(options.only, options.seeds)
    except results.StudyError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
