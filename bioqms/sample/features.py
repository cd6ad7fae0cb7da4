"""The features of the product: when their flags are rolled out, and how people take to them."""

from typing import Final, NamedTuple


class Feature(NamedTuple):
    """A feature behind a flag.

    ``rollout`` is the share of the window after which the flag starts to go on (below zero: it was
    on before), ``ramp_days`` the days until everybody has it. ``roles`` take to it more than the
    others do.
    """

    key: str
    rollout: float
    ramp_days: int
    roles: frozenset[str]
    actions: tuple[str, ...]


FEATURES: Final = (
    Feature(
        "work_order_templates",
        -1.0,
        1,
        frozenset({"operator", "manager"}),
        ("apply_template", "save_template", "compare_versions"),
    ),
    Feature(
        "electronic_signatures",
        -1.0,
        1,
        frozenset({"qa_reviewer", "operator", "manager"}),
        ("sign", "countersign", "reject_signature"),
    ),
    Feature(
        "audit_trail",
        -1.0,
        1,
        frozenset({"qa_reviewer", "auditor", "manager"}),
        ("open_trail", "export_trail", "filter_by_user"),
    ),
    Feature(
        "analytics_dashboard",
        0.08,
        10,
        frozenset({"manager", "admin"}),
        ("open_dashboard", "change_range", "export_pdf"),
    ),
    Feature(
        "ai_copilot",
        0.2,
        14,
        frozenset({"scientist", "qa_reviewer"}),
        ("generate_sop", "summarise_deviation", "suggest_capa", "ask"),
    ),
    Feature(
        "batch_processing",
        0.45,
        10,
        frozenset({"operator", "scientist"}),
        ("start_batch", "approve_batch", "split_batch"),
    ),
)

# How far a person will take a feature once exposed. What they reach is up to how often they come.
IGNORES, TRIES, ADOPTS, POWER, CHAMPION = range(5)
_LIKELY: Final = (0.30, 0.63, 0.90, 0.98, 1.0)
_UNLIKELY: Final = (0.52, 0.88, 0.975, 0.995, 1.0)
_DAILY: Final = (0.15, 0.25, 0.38, 0.50, 1.0)
_DAILY_UNLIKELY: Final = (0.40, 0.65, 0.80, 0.90, 1.0)

# Uses that a person of each level means to make in the first 30 days; champions use it whenever
# they come.
INTENDED_USES: Final = ((0, 0), (1, 2), (3, 9), (11, 30), (40, 70))

# Interest by days since exposure: high at first, then settling at what the level sustains.
_SUSTAINED: Final = (0.0, 0.0, 0.25, 0.5, 0.9)
DECAY_DAYS: Final = 60
DECAY: Final = tuple(
    tuple(
        floor + (1.8 - floor) * 0.5 ** (day / half_life) if day < horizon else floor
        for day in range(DECAY_DAYS)
    )
    for floor, half_life, horizon in zip(
        _SUSTAINED, (1.0, 3.0, 9.0, 14.0, 60.0), (0, 7, 60, 60, 60), strict=True
    )
)


def level_for(feature: Feature, role: str, comes_daily: bool, draw: float) -> int:
    """Pick how far a person takes a feature, from one uniform draw."""
    likely, unlikely = (_DAILY, _DAILY_UNLIKELY) if comes_daily else (_LIKELY, _UNLIKELY)
    shares = likely if role in feature.roles else unlikely
    return next(level for level, share in enumerate(shares) if draw < share)
