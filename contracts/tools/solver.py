"""An SMT solver as a command for the symbolic tests: Bitwuzla (PyPI) on one SMT-LIB file."""

import sys

from bitwuzla import Option, Options, Parser, TermManager

options = Options()
options.set(Option.PRODUCE_MODELS, True)
Parser(TermManager(), options).parse(sys.argv[1])
