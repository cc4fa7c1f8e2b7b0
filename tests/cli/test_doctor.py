"""`doctor` checks every link from circom sources to contracts: each is broken in turn, named, and the rest judged."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from prover import _core, artefacts, circom, provenance, tables
from prover.provenance import LINKS, Link, inspect
from tests.e2e.devnet import zkmargin
from verifier.chain.artefacts import compile_registry
from verifier.circuits import CIRCUITS, VALUATION64, VALUATION128
from verifier.tiers import GREEKS, GRID

NAME = VALUATION64.name
OTHER = artefacts.tier_folder(VALUATION128)
KEPT = shutil.ignore_patterns("tables-*", ".tables*")
SMALL = 1 << 20
Damage = Callable[[Path], object]


def of(links: tuple[Link, ...], state: str) -> dict[str, str]:
    """Name to reason of the links in a state."""
    return {link.name: link.reason for link in links if link.state == state}


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build folder of its own with the smallest circuit, its tables included."""
    folder = tmp_path / "build" / "tiers" / NAME
    shutil.copytree(artefacts.tier_folder(VALUATION64), folder, ignore=KEPT)
    monkeypatch.setenv("ZKMARGIN_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv(tables.MEMORY_VARIABLE, str(SMALL // tables.MEBIBYTE))
    artefacts.load(VALUATION64).proving_key()
    return tmp_path / "build"


@pytest.fixture
def folder(build: Path) -> Path:
    return build / "tiers" / NAME


def pin(folder: Path, name: str) -> None:
    """Let the manifest name a changed file, as somebody would who hides the change."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest))


def flip(path: Path) -> None:
    """Turn one bit in the middle of a file; the file is replaced, since it may be mapped."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()
    path.write_bytes(data)


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:-2])


def swap(path: Path) -> None:
    """Put another circuit's file of that name in its place."""
    name = path.name.replace(NAME, VALUATION128.name)
    path.unlink()
    shutil.copyfile(OTHER / name, path)


def delete(path: Path) -> None:
    path.unlink()


def test_a_whole_chain_is_said_to_be_whole(folder: Path) -> None:
    links = inspect(VALUATION64)
    assert [link.name for link in links] == ["manifest", *LINKS]
    assert of(links, "broken") == of(links, "not checked") == {}
    assert set(of(links, "none")) == {"contracts"}


def test_every_circuit_of_this_checkout_is_whole() -> None:
    chains = provenance.inspect_all(tuple(CIRCUITS.values()))
    assert [of(chain, "broken") for chain in chains] == [{}] * len(CIRCUITS)
    assert [len(chain) for chain in chains] == [1 + len(LINKS)] * len(CIRCUITS)


FILES = {
    "r1cs": (f"{NAME}.r1cs", {"r1cs"}, {"plan", "proving key"}),
    "symbols": (f"{NAME}.sym", {"r1cs"}, set()),
    "plan": ("witness.plan", {"plan"}, {"tables"}),
    "proving key": ("proving.zkey", {"proving key"}, {"tables", "verifying key"}),
    "verifying key": ("verification_key.json", {"verifying key"}, set()),
}
"""File, the links that break with it, those that cannot be judged then."""


@pytest.mark.parametrize("damage", [flip, cut, swap, delete], ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("kind", FILES)
def test_a_damaged_file_breaks_its_own_link(kind: str, damage: Damage, folder: Path) -> None:
    name, broken, unjudged = FILES[kind]
    damage(folder / name)
    links = inspect(VALUATION64)
    assert set(of(links, "broken")) == broken
    assert set(of(links, "not checked")) == unjudged
    (reason,) = of(links, "broken").values()
    assert name in reason
    assert f"run `zkmargin setup --tier {NAME} --force`" in reason


PINNED = {
    f"{NAME}.r1cs": {"r1cs", "plan", "proving key"},
    "witness.plan": {"plan", "tables"},
    "proving.zkey": {"proving key", "tables", "verifying key"},
    "verification_key.json": {"verifying key"},
}


@pytest.mark.parametrize("name", PINNED)
def test_another_circuits_file_is_found_although_the_manifest_names_it(name: str, folder: Path) -> None:
    swap(folder / name)
    pin(folder, name)
    assert set(of(inspect(VALUATION64), "broken")) == PINNED[name]


@pytest.mark.parametrize("damage", [flip, cut, delete], ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("name", [f"{NAME}.r1cs", "witness.plan", "proving.zkey", "verification_key.json"])
def test_a_damaged_file_that_the_manifest_names_is_a_sentence(name: str, damage: Damage, folder: Path) -> None:
    damage(folder / name)
    if damage is not delete:
        pin(folder, name)
    links = inspect(VALUATION64)
    assert of(links, "broken")
    assert all(reason for reason in of(links, "broken").values())


def test_a_key_of_another_set_up_of_the_same_circuit_is_found(folder: Path) -> None:
    circuit = artefacts.load(VALUATION64).circuit()
    (folder / "proving.zkey").write_bytes(_core.setup(circuit, seed=b"another"))
    pin(folder, "proving.zkey")
    broken = of(inspect(VALUATION64), "broken")
    assert set(broken) == {"tables", "verifying key"}
    assert "not the verifying key of proving.zkey" in broken["verifying key"]
    assert "another key file" in broken["tables"]
    (folder / "verification_key.json").write_text(_core.verification_key_json((folder / "proving.zkey").read_bytes()))
    pin(folder, "verification_key.json")
    assert "is not the key its manifest names" in of(inspect(VALUATION64), "broken")["verifying key"]


def test_a_proving_key_whose_constraints_were_changed_is_found(folder: Path) -> None:
    zkey = bytearray((folder / "proving.zkey").read_bytes())
    at = 12
    while zkey[at : at + 4] != bytes([4, 0, 0, 0]):
        at += 12 + int.from_bytes(zkey[at + 4 : at + 12], "little")
    wire = at + 12 + 4 + 8
    zkey[wire] ^= 1
    (folder / "proving.zkey").write_bytes(zkey)
    pin(folder, "proving.zkey")
    assert "is not of this circuit" in of(inspect(VALUATION64), "broken")["proving key"]


@pytest.mark.parametrize("damage", [flip, cut], ids=lambda damage: damage.__name__)
def test_damaged_tables_are_found(damage: Damage, folder: Path) -> None:
    path = tables.stored_path(folder, SMALL)
    damage(path)
    broken = of(inspect(VALUATION64), "broken")
    assert set(broken) == {"tables"}
    assert f"{path}" in broken["tables"]
    assert "delete it" in broken["tables"]
    artefacts.load(VALUATION64).proving_key()


def test_a_damaged_head_and_another_circuits_tables_are_found(folder: Path) -> None:
    path = tables.stored_path(folder, SMALL)
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    assert "head is damaged" in of(inspect(VALUATION64), "broken")["tables"]
    other = artefacts.load(VALUATION128, OTHER)
    path.unlink()
    _core.ProvingKey.store(path, other.data("proving.zkey"), other.witness_plan(), trusted=True, budget=SMALL)
    assert "another key file" in of(inspect(VALUATION64), "broken")["tables"]
    path.unlink()
    assert of(inspect(VALUATION64), "none")["tables"] == "made by the first proof"


def manifest_with(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    ("change", "link", "said"),
    [
        ({"circuit_source": "0" * 64}, "sources", f"run `zkmargin setup --tier {NAME}`"),
        ({"wires": 1}, "r1cs", "counts another constraint system"),
        ({"verifying_key_hash": "0x" + "0" * 64}, "verifying key", "not the key its manifest names"),
        ({"tier": "grid"}, "manifest", "is of tier grid"),
        ({"public_signals": 5}, "manifest", "is of circuit"),
        ({"files": {}}, "plan", "not the file its manifest names"),
        ({"files": 7}, "manifest", "no manifest of this version"),
    ],
)
def test_a_changed_manifest_is_found(change: dict[str, object], link: str, said: str, folder: Path) -> None:
    manifest_with(folder, **change)
    assert said in of(inspect(VALUATION64), "broken").get(link, "") or link == "plan"
    assert of(inspect(VALUATION64), "broken")


@pytest.mark.parametrize("text", ["", "{", "[]", "\0", "[" * 5000])
def test_a_manifest_that_is_none_is_found(text: str, folder: Path) -> None:
    (folder / "manifest.json").write_text(text)
    assert set(of(inspect(VALUATION64), "broken")) == {"manifest"}
    (folder / "manifest.json").unlink()
    assert "missing" in of(inspect(VALUATION64), "broken")["manifest"]


def test_changed_sources_and_another_compiler_are_found(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(circom.ROOT / "circuits", tree / "circuits", ignore=shutil.ignore_patterns("node_modules"))
    monkeypatch.setattr(circom, "ROOT", tree)
    assert of(inspect(VALUATION64), "broken") == {}
    gadget = tree / "circuits" / "gadgets" / "bits.circom"
    text = gadget.read_text()
    gadget.write_text(text + "\n")
    assert set(of(inspect(VALUATION64), "broken")) == {"sources"}
    gadget.unlink()
    broken = of(inspect(VALUATION64), "broken")
    assert str(gadget) in broken["sources"]
    gadget.write_text(text)
    compiler = tmp_path / "package.json"
    compiler.write_text('{"version": "0.0.1"}')
    monkeypatch.setattr(circom, "node_script", lambda *_: compiler)
    assert "or the compiler" in of(inspect(VALUATION64), "broken")["sources"]


def test_a_constraint_system_that_is_not_the_committed_one_is_found(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = json.loads(provenance.COMMITTED.read_text())
    record["clearing"][NAME]["r1cs_sha256"] = "0" * 64
    changed = tmp_path / "budget.json"
    changed.write_text(json.dumps(record))
    monkeypatch.setattr(provenance, "COMMITTED", changed)
    assert "scripts/circuits/budget.py" in of(inspect(VALUATION64), "broken")["r1cs"]
    changed.write_text("{}")
    assert "has no hash of" in of(inspect(VALUATION64), "broken")["r1cs"]
    changed.unlink()
    assert "no such file" in of(inspect(VALUATION64), "broken")["r1cs"]


def test_without_sources_their_links_are_not_checked(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circom, "ROOT", tmp_path)
    links = inspect(VALUATION64)
    assert set(of(links, "not checked")) == {"sources", "r1cs"}
    assert of(links, "broken") == {}


@pytest.mark.slow
def test_contracts_of_another_key_and_damaged_code_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = tmp_path / "build"
    folder = build / "tiers" / GRID.name
    shutil.copytree(artefacts.tier_folder(GRID), folder, ignore=KEPT)
    monkeypatch.setenv("ZKMARGIN_BUILD", str(build))
    key = artefacts.load(GRID).verifying_key()
    compile_registry(key, GRID, build)
    assert {link.name: link.state for link in inspect(GRID)}["contracts"] == "ok"

    project = build / "contracts" / key.hash.hex()[:16]
    source = project / "src" / "GridRegistry.sol"
    text = source.read_text()
    source.write_text(text.replace(f"0x{key.ic[0][0]:064x}", f"0x{key.ic[1][0]:064x}"))
    broken = of(inspect(GRID), "broken")
    assert set(broken) == {"contracts"}
    assert str(source) in broken["contracts"]
    source.write_text(text)

    compiled = project / "out" / "GridRegistry.sol" / "GridRegistry.json"
    code = compiled.read_text()
    numbers = (int(key.hash.hex(), 16), key.ic[-1][0], key.alpha[1])
    # The compiler leaves leading zero bytes out.
    for literal in (number.to_bytes((number.bit_length() + 7) // 8, "big").hex() for number in numbers):
        assert literal in code
        compiled.write_text(code.replace(literal, "1" * len(literal)))
        assert f"delete {project}" in of(inspect(GRID), "broken")["contracts"]
    for damaged in (code[: len(code) // 2], "", "{}"):
        compiled.write_text(damaged)
        assert str(compiled) in of(inspect(GRID), "broken")["contracts"]
    compiled.unlink()
    assert str(compiled) in of(inspect(GRID), "broken")["contracts"]
    shutil.rmtree(project)
    assert {link.name: link.state for link in inspect(GRID)}["contracts"] == "none"


def test_a_broken_link_is_one_sentence_and_exit_code_4(build: Path, folder: Path) -> None:
    run = zkmargin("doctor", "--tier", NAME, "--json")
    assert (run.code, run.json()["broken"]) == (0, [])
    (row,) = run.json()["keys"]
    assert row == {"tier": NAME, "keys": "development", **dict.fromkeys(LINKS, "ok"), "contracts": "none"}

    flip(folder / "witness.plan")
    run = zkmargin("doctor", "--tier", NAME, "--json")
    assert run.code == 4
    assert f"error: {NAME}, plan: " in run.sentence
    assert "--force" in run.sentence
    (broken,) = run.json()["broken"]
    assert (broken["tier"], broken["link"]) == (NAME, "plan")
    flip(folder / "verification_key.json")
    run = zkmargin("doctor", "--tier", NAME)
    assert run.code == 4
    assert "(1 more broken: see above)" in run.sentence


def test_a_circuit_that_was_never_set_up_is_no_fault(build: Path) -> None:
    run = zkmargin("doctor", "--tier", GREEKS.name, "--json")
    assert run.code == 0
    (row,) = run.json()["keys"]
    assert row["keys"] == "not set up; run `zkmargin setup --tier greeks`"


def test_what_doctor_advises_mends_the_chain(build: Path, folder: Path) -> None:
    for name in (f"{NAME}.r1cs", "proving.zkey"):
        flip(folder / name)
    assert zkmargin("doctor", "--tier", NAME).code == 4
    compiled = circom.ROOT / "build" / "circuits" / NAME / f"{NAME}.r1cs"
    assert zkmargin("setup", "--tier", NAME, "--force").code == 0
    assert zkmargin("doctor", "--tier", NAME).code == 0
    assert compiled.read_bytes() == (folder / f"{NAME}.r1cs").read_bytes()
