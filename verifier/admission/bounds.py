"""Admission rules on single entries: shapes and ranges, so that no value can wrap the field."""

from verifier.errors import AdmissionRefused
from verifier.field import R
from verifier.program import MarginProgram
from verifier.tiers import Section


def bound_rule(section_name: str) -> str:
    """Return the name of the rule that holds a section's range, such as risk-array-bound."""
    return section_name.replace("_", "-") + "-bound"


def section_range(section: Section) -> range:
    """Return the admissible values: the section's own range, cut at the field's order."""
    return range(section.low, min(section.high, R))


def check_shapes(program: MarginProgram) -> None:
    """Rule array-shape: each array has its section's count, and in a wide tier the groups have one row of gains.

    `MarginProgram.build` makes no others.
    """
    if program.tier.wide and any(row != program.gain[0] for row in program.gain):
        raise AdmissionRefused("array-shape", f"array gain is not the same for all groups of tier {program.tier.name}")
    for section in program.tier.sections:
        if len(program.section_values(section)) != section.count:
            raise AdmissionRefused("array-shape", f"array {section.name} does not have the shape {section.shape}")


def check_bounds(program: MarginProgram) -> None:
    """Rules <section>-bound: every entry, as a signed integer, is in the range of part 3."""
    for section in program.tier.sections:
        allowed = section_range(section)
        for index, value in enumerate(program.section_values(section)):
            if value not in allowed:
                raise AdmissionRefused(
                    bound_rule(section.name),
                    f"array {section.name}, entry {index}: outside the range of the tier {program.tier.name}",
                )


def check_roll_net(program: MarginProgram) -> None:
    """Rule roll-net: roll_net >= -min over g of roll_long, roll_short, since |sum roll_g| <= sum |roll_g|."""
    if program.roll_net < -min(*program.roll_long, *program.roll_short):
        raise AdmissionRefused(
            "roll-net",
            "roll_net is below the negative of the smallest roll rate: the roll charge could be negative",
        )
