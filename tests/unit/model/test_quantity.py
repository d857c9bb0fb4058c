import pytest

from armada_render.model import quantity

NANO = quantity.NANO


@pytest.mark.parametrize(
    ("text", "nano"),
    [
        ("0", 0),
        ("1", NANO),
        ("+1", NANO),
        ("-1", -NANO),
        ("007", 7 * NANO),
        ("1.", NANO),
        (".5", NANO // 2),
        ("1.50", 1_500_000_000),
        ("100m", 100_000_000),
        ("0.5m", 500_000),
        ("3u", 3_000),
        ("7n", 7),
        ("0.1n", 1),
        ("-0.1n", -1),
        ("2k", 2_000 * NANO),
        ("1M", 10**6 * NANO),
        ("1G", 10**9 * NANO),
        ("1T", 10**12 * NANO),
        ("1P", 10**15 * NANO),
        ("1E", 10**18 * NANO),
        ("1Ki", 1024 * NANO),
        ("1.5Ki", 1536 * NANO),
        ("0.1Ki", 102_400_000_000),
        ("128Mi", 128 * 2**20 * NANO),
        ("1Gi", 2**30 * NANO),
        ("1Ti", 2**40 * NANO),
        ("1Pi", 2**50 * NANO),
        ("1Ei", 2**60 * NANO),
        ("1e3", 1000 * NANO),
        ("1E3", 1000 * NANO),
        ("12e-1", 1_200_000_000),
        ("1e+2", 100 * NANO),
        ("1e-12", 1),
        ("0e-999999", 0),
        ("1e-999999", 1),
        (2, 2 * NANO),
        (0.5, NANO // 2),
        (1e-07, 100),
        # Upstream reads these, though nobody means them (parseQuantityString, UnmarshalJSON).
        (" 2G", 2 * 10**9 * NANO),
        ("2 ", 2 * NANO),
        (".", 0),
        ("-", 0),
        ("m", 0),
        ("-Gi", 0),
    ],
)
def test_text_and_numbers_become_nano_units(text: str | float, nano: int) -> None:
    assert quantity.parse(text) == nano


@pytest.mark.parametrize("text", ["9999Ei", "1e999999", "99999E"])
def test_amounts_are_capped(text: str) -> None:
    assert quantity.parse(text) == (2**63 - 1) * NANO


@pytest.mark.parametrize(
    "text",
    ["", " ", "abc", "1Zi", "1K", "1e", "1 Gi", "--1", "1.2.3", "1kk", "0x10", "NaN", True],
)
def test_what_is_no_quantity_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="not a quantity") as failure:
        quantity.parse(text)
    assert str(text) in str(failure.value)


@pytest.mark.parametrize(
    ("text", "value", "milli"),
    [
        ("300m", 1, 300),
        ("1", 1, 1000),
        ("1.5", 2, 1500),
        ("1.0001", 2, 1001),
        ("-1.5", -2, -1500),
        ("-300m", -1, -300),
        ("1n", 1, 1),
        ("0", 0, 0),
    ],
)
def test_values_round_away_from_zero(text: str, value: int, milli: int) -> None:
    nano = quantity.parse(text)
    assert (quantity.value(nano), quantity.milli_value(nano)) == (value, milli)


@pytest.mark.parametrize(
    ("text", "binary", "canonical"),
    [
        ("0", False, "0"),
        ("0", True, "0"),
        ("1500m", False, "1500m"),
        ("2000m", False, "2"),
        ("1000", False, "1k"),
        ("110", False, "110"),
        ("100", False, "100"),
        ("1e6", False, "1M"),
        ("1E", False, "1E"),
        ("0.000001", False, "1u"),
        ("3n", False, "3n"),
        ("-1500m", False, "-1500m"),
        ("-2k", False, "-2k"),
        ("1024", True, "1Ki"),
        ("128Mi", True, "128Mi"),
        ("1048576", True, "1Mi"),
        ("100M", True, "100000000"),
        ("1000", True, "1k"),
        ("1023", True, "1023"),
        ("-1Ki", True, "-1Ki"),
        ("2048.5", True, "2048500m"),
        ("1Ei", True, "1Ei"),
    ],
)
def test_canonical_text_loses_nothing(text: str, binary: bool, canonical: str) -> None:  # noqa: FBT001 - a table
    nano = quantity.parse(text)
    assert quantity.canonical(nano, binary=binary) == canonical
    assert quantity.parse(canonical) == nano
