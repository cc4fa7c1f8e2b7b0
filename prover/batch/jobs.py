"""What a batch proves: one job an account, from a list (JSON) or a folder with a subfolder for each.

    {"format": "zkmargin.batch", "version": 1,
     "proofs": [{"name": "alice", "request": "alice.json", "opening": "alice.age", "identity": "alice.key"}]}

Paths are relative to the list; without an identity the batch's own is used. In a folder, a subfolder's name is the
job's name; it holds request.json, one opening (*.age) and, if it has one of its own, the file `identity`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prover.requests import ProofRequest, load_request
from verifier.errors import BadInput
from verifier.files import read_json

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")]
Text = Annotated[str, Field(min_length=1, max_length=4000)]


class _Proof(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    request: Text
    opening: Text
    identity: Text | None = None


class _List(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["zkmargin.batch"]
    version: Literal[1]
    proofs: Annotated[list[_Proof], Field(min_length=1, max_length=100_000)]


@dataclass(frozen=True)
class Job:
    """One account's proof. Paths only: what they hold is read where it is proven, and is never sent."""

    name: str
    """Of the folder that the proof is written to."""
    request: Path
    opening: Path
    identity: Path

    def wanted(self) -> ProofRequest:
        """Return the request; raises BadInput naming file and field."""
        return load_request(self.request)


def load_jobs(source: Path, identity: Path | None) -> tuple[Job, ...]:
    """Return the jobs of a list or a folder, with absolute paths.

    Raises BadInput for a list that is malformed, a name, request or file that is missing or stands twice.
    """
    jobs = _of_folder(source, identity) if source.is_dir() else _of_list(source, identity)
    for job in jobs:
        for path in (job.request, job.opening, job.identity):
            if not path.is_file():
                raise BadInput(f"{source}: proof {job.name}: there is no file {path}")
    _demand_different(source, [job.name for job in jobs], "name")
    _demand_different(source, [str(job.wanted().context.element) for job in jobs], "request")
    return jobs


def _of_list(source: Path, identity: Path | None) -> tuple[Job, ...]:
    try:
        document = _List.model_validate(read_json(source))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInput(
            f"{source}: field {place}: {first['msg'].lower()}; see docs/walkthrough.md, many accounts"
        ) from None
    folder = source.resolve().parent
    return tuple(
        Job(
            proof.name,
            folder / proof.request,
            folder / proof.opening,
            folder / proof.identity if proof.identity else _given(identity, proof.name, source),
        )
        for proof in document.proofs
    )


def _of_folder(source: Path, identity: Path | None) -> tuple[Job, ...]:
    out = []
    for folder in sorted(entry for entry in source.resolve().iterdir() if entry.is_dir() and entry.name[0] != "."):
        openings = sorted(folder.glob("*.age"))
        if len(openings) != 1:
            raise BadInput(f"{folder} holds {len(openings)} openings (*.age); put the one of the request there")
        own = folder / "identity"
        chosen = own if own.exists() else _given(identity, folder.name, source)
        out.append(Job(folder.name, folder / "request.json", openings[0], chosen))
    if not out:
        raise BadInput(f"{source} holds no subfolders; make one an account, with request.json and an opening")
    return tuple(out)


def _given(identity: Path | None, name: str, source: Path) -> Path:
    if identity is None:
        raise BadInput(f"{source}: proof {name} names no identity; give --identity for those without one")
    return identity.resolve()


def _demand_different(source: Path, values: Sequence[str], what: str) -> None:
    if len(set(values)) != len(values):
        first = next(k for k, value in enumerate(values) if value in values[:k])
        raise BadInput(
            f"{source}: proofs {values.index(values[first]) + 1} and {first + 1} have the same {what}; list each once"
        )
