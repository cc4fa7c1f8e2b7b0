"""The report as text for the terminal and as tables for the pages; figures come from its JSON alone."""

from typing import Any

Report = dict[str, Any]
FORMAT = "zkmargin-bench"
NOT_MEASURED = "not measured"


def milliseconds(value: float | None) -> str:
    """Return a time with three figures or so."""
    if value is None:
        return NOT_MEASURED
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio(row: dict[str, Any]) -> str:
    """Return how many times as long the peer takes."""
    value = row["ratio"]
    return "" if value is None else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def target(row: dict[str, Any]) -> str:
    """Return what is to be reached."""
    wanted = []
    if row["least_ratio"] is not None:
        wanted.append(f"ratio {row['least_ratio']:g}")
    if row["most_ms"] is not None:
        wanted.append(f"{row['most_ms']:g} ms")
    return ", ".join(wanted)


def verdict(row: dict[str, Any]) -> str:
    """Return whether it is reached."""
    return {None: "", True: "met", False: "**not met**"}[row["met"]]


def theirs(row: dict[str, Any]) -> str:
    """Return the peer's time; empty where there is no peer."""
    return milliseconds(row["theirs_median"]) if row["peer"] else ""


def head(report: Report) -> list[str]:
    """Return date, version, machine and peers, a line each."""
    machine, peers = report["machine"], report["peers"]
    given = [f"{name} {version}" for name, version in peers.items() if version]
    return [
        f"{report['date']}, commit {report['commit']}, core {report['version']}",
        f"{machine['processor']}, {machine['cores']} of {machine['processors_of_machine']} processors for both sides, "
        f"kernels: {machine['kernels']}, load before {machine['load_before']}",
        f"{machine['system']}, Python {machine['python']}; peers: {', '.join(given)}",
    ]


def text(report: Report) -> str:
    """Return the report for a terminal."""
    lines = [*head(report), ""]
    for row in report["rows"]:
        where = f"{row['what']} [{row['tier']}]" if row["tier"] else row["what"]
        beside = f" | {row['peer']}: {theirs(row)}" if row["peer"] else ""
        times = f", {ratio(row)} times as long" if row["ratio"] else ""
        wanted = f" | target {target(row)}: {verdict(row).strip('*').upper()}" if row["met"] is not None else ""
        lines.append(f"{where}: {milliseconds(row['ours_median'])} {row['unit']}{beside}{times}{wanted}")
        if row["note"]:
            lines.append(f"    {row['note']}")
    lines += [""] if report["memory"] else []
    for taken in report["memory"]:
        place = f"memory [{taken['tier']}, tables of at most {taken['budget_mib']} MiB]"
        names = ("table_bytes", "before_load", "after_load", "peak")
        sizes = "tables {}, process {} before, {} loaded, at most {}".format(
            *(mebibytes(taken[name]) for name in names)
        )
        lines.append(f"{place}: {sizes}; a proof {milliseconds(median(taken['ms']))} ms")
    return "\n".join(lines)


def table(report: Report) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| work | tier | ours, ms | peer | peer, ms | ratio | target | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in report["rows"]:
        unit = "" if row["unit"] == "ms" else f" ({row['unit']})"
        cells = [
            f"{row['what']}{unit}", row["tier"] or "", milliseconds(row["ours_median"]), row["peer"] or "",
            theirs(row), ratio(row), target(row), verdict(row),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def notes(report: Report) -> str:
    """Return the rows' notes as a list."""
    return "\n".join(f"- {row['what']}: {row['note']}." for row in report["rows"] if row["note"])


def memory_table(report: Report) -> str:
    """Return the memory of loaded tiers as a Markdown table."""
    lines = [
        "| tier | constraints | budget, MiB | tables, MiB | process, tier loaded, MiB "
        "| the same while proving, MiB | a proof, ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for taken in report["memory"]:
        cells = [
            taken["tier"],
            f"{report['circuits'][taken['tier']]['constraints']:,}",
            str(taken["budget_mib"] or "no tables"),
            *(mebibytes(taken[name]).removesuffix(" MiB") for name in ("table_bytes", "after_load", "peak")),
            milliseconds(median(taken["ms"])),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def short_table(report: Report) -> str:
    """Return what the front page shows: proofs beside rapidsnark, and the work around them, one line each."""
    lines = ["| what | time | beside |", "|---|---|---|"]
    for row in report["rows"]:
        proof = row["part"] == "prove" and str(row["peer"]).startswith("rapidsnark")
        other = row["part"] in ("positions", "one_shot", "setup", "verify", "batch")
        if not (proof or other):
            continue
        where = f", {row['tier']} tier" if row["tier"] else ""
        beside = f"{row['peer']}: {ratio(row)} times as long" if row["ratio"] else f"{row['peer']}: {NOT_MEASURED}"
        unit = row["unit"].replace("ms", "", 1).strip()
        time = f"{milliseconds(row['ours_median'])} ms {unit}".strip()
        lines.append(f"| {row['what']}{where} | {time} | {beside} |")
    return "\n".join(lines)


def mebibytes(count: int) -> str:
    """Return bytes as MiB."""
    return f"{count / (1 << 20):,.0f} MiB"


def median(samples: list[float]) -> float:
    """Return the median of samples that are there."""
    ordered = sorted(samples)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
