"""The native core: circom's files, witness plans, Groth16 over BN254.

Encodings at this border
    scalar        32 bytes big-endian, below the field's order r
    scalars       scalars end to end, no separator, no count
    G1 point      64 bytes: x, y, big-endian, below q (the EVM's order); infinity is 64 zeros
    G2 point      128 bytes: x_c1, x_c0, y_c1, y_c0 (EIP-197); infinity is 128 zeros
    proof         256 bytes: A (G1), B (G2), C (G1)
    files         the bytes of an .r1cs, .wtns, .zkey or JSON file, as circom 2 and snarkjs 0.7 write them

Long calls release the interpreter lock and use all cores. Every class is immutable and may be shared by
threads, but not by forked processes: the pool of threads does not survive a fork. Messages hold counts and
indices, never values. How long proving takes depends on the witness.
"""

from os import PathLike
from typing import Final, final

__version__: str
__all__ = [
    "DEFAULT_BUDGET",
    "Circuit",
    "CoreError",
    "Determinism",
    "FormatError",
    "ProofError",
    "ProvingKey",
    "VerifyingKey",
    "WitnessError",
    "WitnessPlan",
    "__version__",
    "available_kernels",
    "g1_add",
    "kernels",
    "msm_g1",
    "proof_from_json",
    "proof_to_json",
    "public_from_json",
    "public_to_json",
    "read_wtns",
    "setup",
    "verification_key_json",
    "with_row_points",
    "write_wtns",
]

class CoreError(Exception):
    """Base of every error of this module."""

class FormatError(CoreError):
    """Bytes that are not what their format says they are, or points and counts that must be refused."""

class WitnessError(CoreError):
    """A witness that cannot be solved, or that violates a constraint."""

    constraint: int | None
    """The first violated constraint, counted from 0 in the order of the .r1cs file, else None."""

class ProofError(CoreError):
    """A proof that could not be made: the finished proof did not verify, or there was no randomness."""

@final
class Circuit:
    """A constraint system.

    Wires: 0 is the constant 1, then outputs, public inputs, private inputs, inner wires.
    """

    def __new__(cls, r1cs: bytes) -> Circuit:
        """Read an .r1cs file. Raises FormatError."""
    @property
    def n_wires(self) -> int: ...
    @property
    def n_constraints(self) -> int: ...
    @property
    def n_outputs(self) -> int: ...
    @property
    def n_public_inputs(self) -> int: ...
    @property
    def n_private_inputs(self) -> int:
        """Private inputs that the compiler kept; one that no constraint names has no wire."""
    @property
    def domain(self) -> int:
        """Size of the Groth16 domain: constraints + public wires + 1, rounded up to a power of two."""
    @property
    def sha256(self) -> bytes:
        """SHA-256 of the file (32 bytes)."""
    def wires_of(self, constraint: int) -> list[int]:
        """Return the wires that a constraint names, ascending, 0 (the constant) among them. Raises FormatError."""
    def check(self, wtns: bytes) -> None:
        """Check a .wtns file against every constraint. Raises WitnessError, FormatError."""
    def check_key(self, zkey: bytes) -> None:
        """Check that a .zkey has this circuit's sizes and constraints, and that its points by row fit its others.

        Points are not checked otherwise.

        Raises FormatError.
        """
    def determinism(self) -> Determinism:
        """Report whether the inputs determine every wire: the under-constraint check."""
    def sym_inputs(self, sym: str) -> dict[str, int]:
        """Return each input's place in the list that `solve` takes, by its name without "main." ("x[3]").

        `sym` is the text of the .sym file. Inputs that the compiler dropped are absent. Raises FormatError.
        """

@final
class Determinism:
    """How a circuit's inner wires and outputs follow from its inputs."""

    @property
    def passed(self) -> bool:
        """True if `undetermined` is empty."""
    @property
    def n_wires(self) -> int: ...
    @property
    def n_given(self) -> int:
        """The constant and the inputs."""
    @property
    def solved_by(self) -> dict[str, int]:
        """Wires by the rule that proved them unique.

        linear, product: the only unknown wire of a row whose other side is known, its coefficient constant.
        bits: all unknown wires of a row are boolean, with coefficients s * (+-2^e), exponents distinct and
        spread over at most 253 (one of the bits may be a row's own two-valued combination).
        elimination: a linear system over rows with known factors.
        inverse: a row wire * b = constant, the constant not zero.
        """
    @property
    def undetermined(self) -> list[int]:
        """Wires that no such rule reaches."""

@final
class WitnessPlan:
    """A straight-line program that computes a circuit's witness, derived from its constraints alone."""

    @staticmethod
    def derive(circuit: Circuit) -> WitnessPlan:
        """Derive the plan (about half a second for 60,000 constraints)."""
    @staticmethod
    def load(plan: bytes, circuit: Circuit) -> WitnessPlan:
        """Read a plan that `to_bytes` wrote. Raises FormatError if damaged or of another circuit."""
    @property
    def n_inputs(self) -> int:
        """Number of scalars that `solve` takes."""
    @property
    def complete(self) -> bool:
        """False if the plan reaches not every wire; then `solve` raises WitnessError."""
    @property
    def determined(self) -> bool | None:
        """Whether each rule that derived the plan proves its wire unique, as `Circuit.determinism` reports.

        A plan may be complete without: it divides by a value that may be zero. None for a plan that was loaded.
        """
    def to_bytes(self) -> bytes: ...
    def violations(self, inputs: bytes) -> list[int]:
        """Return all constraints that the witness of these inputs violates, ascending; none for a true claim.

        `inputs` as `solve` takes them. Raises WitnessError for a plan that is not complete, FormatError.
        """
    def solve(self, inputs: bytes, *, check: bool = True) -> bytes:
        """Return the .wtns file, byte for byte as circom's own calculator and snarkjs write it.

        `inputs`: scalars in wire order, public inputs in order of declaration, then private inputs likewise.
        With `check` every constraint is checked. Raises WitnessError, FormatError.
        """

DEFAULT_BUDGET: Final[int]
"""Bytes of tables that suit the tiers: near the fastest proofs up to 2^16 rows."""

@final
class ProvingKey:
    """A proving key, loaded once and used for many proofs."""

    def __new__(
        cls, zkey: bytes, plan: WitnessPlan | None = None, *, trusted: bool = False, budget: int = 0
    ) -> ProvingKey:
        """Read a Groth16 .zkey, ours or snarkjs's.

        `budget`: bytes that tables of multiples of the key's points may take (`DEFAULT_BUDGET` suits the tiers).
        They take a while to build and make every proof faster; with the default, 0, only the points are kept,
        which suits a key that proves once.

        Points are checked to be on the curve and in the subgroup (by random combinations for G2, error below
        2^-128). `trusted` skips that, for a file whose hash was compared with one that this machine checked
        before. A key without a second phase (delta equal to gamma or to the generator) is refused. Raises
        FormatError.
        """
    @staticmethod
    def store(
        path: PathLike[str],
        zkey: bytes,
        plan: WitnessPlan,
        *,
        trusted: bool = False,
        budget: int = ...,
    ) -> None:
        """Write the key with its circuit, its plan and tables of at most `budget` bytes to one file for `open`.

        The file is written in place: write it beside its name and rename it. Raises FormatError, also for a key that is
        not of the plan's circuit.
        """
    @staticmethod
    def open(path: PathLike[str], zkey_hash: bytes) -> ProvingKey:
        """Map a stored key; it must be of the .zkey with this SHA-256 and of this processor's arithmetic.

        Everything but the tables' rows is checked by a hash; `prove` finds damaged rows by its self-check. The file
        must not change while it is open. Raises FormatError.
        """
    @property
    def plan(self) -> WitnessPlan | None:
        """The plan that the key was loaded with, or that was stored with it."""
    def tables_are_whole(self) -> bool:
        """Compare the rows of a stored key's tables with their hashes; True for a key that is not stored."""
    @property
    def n_wires(self) -> int: ...
    @property
    def n_public(self) -> int:
        """Outputs and public inputs."""
    @property
    def table_bytes(self) -> int:
        """Memory that the key's points and their multiples take."""
    @property
    def verifying_key(self) -> VerifyingKey: ...
    def prove_witness(self, wtns: bytes, *, self_check: bool = True) -> tuple[bytes, bytes]:
        """Prove a .wtns file; returns (proof, public signals as scalars). Raises FormatError, ProofError.

        The randomness is fresh for each proof. `self_check` verifies the proof before it is returned.
        """
    def prove(self, inputs: bytes, *, self_check: bool = True) -> tuple[bytes, bytes]:
        """Solve the witness by the plan and prove; arguments as `WitnessPlan.solve`.

        Every constraint is checked: with a self-check where the proof does not verify, to name the one that is
        violated, without one before proving. Returns (proof, public signals as scalars). Raises WitnessError,
        FormatError, ProofError.
        """

@final
class VerifyingKey:
    """A verifying key, checked and prepared once.

    Refused with FormatError: points off the curve or outside the subgroup, any point at infinity, delta equal
    to gamma or to the generator, equal IC points.
    """

    def __new__(cls, alpha1: bytes, beta2: bytes, gamma2: bytes, delta2: bytes, ic: bytes) -> VerifyingKey:
        """Take the points; `ic` is n + 1 G1 points end to end for n public signals."""
    @staticmethod
    def from_zkey(zkey: bytes) -> VerifyingKey:
        """Read the verifier's part of a .zkey."""
    @staticmethod
    def from_json(text: str) -> VerifyingKey:
        """Read a verification_key.json; decimals must be canonical. `vk_alphabeta_12` is not read."""
    def to_json(self) -> str:
        """Return verification_key.json, byte for byte as snarkjs exports it."""
    @property
    def n_public(self) -> int: ...
    @property
    def alpha1(self) -> bytes: ...
    @property
    def beta2(self) -> bytes: ...
    @property
    def gamma2(self) -> bytes: ...
    @property
    def delta2(self) -> bytes: ...
    @property
    def ic(self) -> bytes:
        """The n + 1 IC points end to end."""
    def verify(self, public_inputs: bytes, proof: bytes) -> bool:
        """Verify a proof against all n public signals.

        False: well-formed, but not a proof of these signals. FormatError: a scalar >= r, a coordinate >= q, a
        point off the curve, outside the subgroup or at infinity, a wrong count or length.
        """
    def prepare(self, prefix: bytes) -> bytes:
        """Return the G1 point IC_0 + sum of v_j * IC_j over the first public signals, given as scalars."""
    def verify_batch(self, point: bytes, live_inputs: list[bytes], proofs: list[bytes]) -> bool:
        """Verify many proofs of one prepared point in one equation with random powers: True if all of them hold.

        FormatError as `verify_prepared`, for any of them.
        """
    def verify_prepared(self, point: bytes, live_inputs: bytes, proof: bytes) -> bool:
        """Verify against a prepared point and the last public signals, those the point does not hold.

        Whoever may choose `point` freely can forge: pass only a point that was recomputed. FormatError also
        for a point at infinity.
        """

def kernels() -> str:
    """Return the instructions that proving uses here: "AVX-512 IFMA", "AVX2", or "portable".

    $ZKMARGIN_KERNELS names one of `available_kernels` instead of the fastest; FormatError for another name.
    """

def available_kernels() -> list[str]:
    """Return what $ZKMARGIN_KERNELS may name on this processor, fastest first: of "ifma", "avx2", "portable"."""

def setup(circuit: Circuit, *, seed: bytes | None = None, all_public_rows: bool = False) -> bytes:
    """Make a development .zkey that snarkjs and rapidsnark can use; whoever ran this could forge, so never for value.

    Fresh randomness of the operating system, wiped after use. `seed` makes the key repeatable and its
    trapdoor known: for tests only. `all_public_rows`: with a row for each public wire, as in keys of snarkjs, not only
    where one is needed: proofs take longer, and provers that work out the rows by themselves (ark-circom, groth16py)
    can use the key.
    """

def with_row_points(zkey: bytes, circuit: Circuit) -> bytes:
    """Return a .zkey of this circuit, such as a ceremony's, with one more section, from which proofs take less time.

    Everything else stays, byte for byte, and other programs pass over the section. It follows from the key, takes
    seconds (2^14 rows) to minutes (2^17) to make, and is checked quickly wherever the key is stored: whoever
    publishes a key does it for all. Raises FormatError for a key of another circuit, a damaged one, or one that has the
    section.
    """

def verification_key_json(zkey: bytes) -> str:
    """Return a .zkey's verification_key.json, byte for byte as snarkjs exports it. Raises FormatError."""

def proof_to_json(proof: bytes) -> str:
    """Return proof.json as snarkjs writes it. Raises FormatError for a malformed proof."""

def proof_from_json(text: str) -> bytes:
    """Read a proof.json strictly: canonical decimals, points of the groups. Raises FormatError."""

def public_to_json(public_inputs: bytes) -> str:
    """Return public.json as snarkjs writes it."""

def public_from_json(text: str) -> bytes:
    """Read a public.json strictly. Raises FormatError."""

def read_wtns(wtns: bytes) -> bytes:
    """Return the values of a .wtns file as scalars, wire 0 first. Raises FormatError."""

def write_wtns(values: bytes) -> bytes:
    """Return the .wtns file of these scalars."""

def msm_g1(points: bytes, scalars: bytes) -> bytes:
    """Return the sum of scalar * point, one scalar a G1 point. Raises FormatError."""

def g1_add(left: bytes, right: bytes) -> bytes:
    """Return the sum of two G1 points. Raises FormatError."""
