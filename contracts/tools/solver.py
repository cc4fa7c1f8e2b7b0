"""An SMT solver as a command, for the symbolic tests: Bitwuzla from PyPI on one SMT-LIB file. Installed by scripts/analyse."""

import sys

from bitwuzla import Option, Options, Parser, TermManager

options = Options()
options.set(Option.PRODUCE_MODELS, True)
Parser(TermManager(), options).parse(sys.argv[1])
