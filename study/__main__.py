"""python -m study run | verify | report"""

import argparse
import sys

from . import commands, results


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m study", description="The study: run it, check it, read it."
    )
    actions = parser.add_subparsers(dest="action", required=True)
    run = actions.add_parser("run", help="train what is missing; stop it when you like")
    verify = actions.add_parser("verify", help="train a random sample again and compare")
    for action in (run, verify):
        action.add_argument(
            "--only",
            nargs="+",
            metavar="NAME",
            help="experiments whose names begin so, such as S0 S4-relu",
        )
    run.add_argument("--seeds", type=int, metavar="N", help="at most N seeds of each experiment")
    verify.add_argument("--runs", type=int, default=5, metavar="N", help="how many runs (5)")
    verify.add_argument("--random", type=int, metavar="N", help="a number: the same sample again")
    actions.add_parser("report", help="print the whole ledger")
    options = parser.parse_args(arguments)
    try:
        if options.action == "run":
            return commands.run(options.only, options.seeds)
        if options.action == "verify":
            return commands.verify(options.runs, options.only, options.random)
        return commands.report()
    except results.StudyError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
