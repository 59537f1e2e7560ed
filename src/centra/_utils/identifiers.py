"""Whether a column of numbers names its rows (customer 1, 2, 3, ...) instead of measuring them.

k-means cuts such a column into stripes that mean nothing. It is judged on the column as it was
read, by its values and its name; decision 0058 has the tests and how often they are wrong.
"""

from __future__ import annotations

import math
import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

__all__ = ["identifier_reason", "words_of"]

Floats = NDArray[np.float64]

#: Values are judged by their name alone below this many rows.
FEWEST = 10
#: Values that are measured independently would be as different as these with this probability.
CHANCE = 1e-4
#: Rows that are looked at: of more, so many, evenly spread.
MOST_ROWS = 100_000
#: Steps are equal if they are to this part of a step, which leaves room for written decimals.
EVEN = 1e-3
#: From this number on, whole numbers without two alike may be keys.
BIG = 100_000
#: The largest distance of the values' distribution from a uniform one that keys may have; of n
#: uniform values it is larger than UNLIKELY / sqrt(n) once in a thousand times.
UNIFORM, UNLIKELY = 0.2, 1.95
#: How many times likelier they must be if uniform than if normal, in so many groups at most.
LIKELIER, GROUPS = 50.0, 6
#: Values follow a curve if the mean square of their steps is less than this part of the variance
#: (it is twice that without order) and this share of the steps goes back.
SMOOTH, BACK = 0.5, 0.05
#: They grow steadily if steps vary less than this part of what those of sorted keys do.
STEADY = 0.6


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NAMES = _set(
    "id ids uid uuid guid oid fid gid pid rowid objectid geoid identifier identifiant pk fk ssn "
    "ean upc gtin isbn issn sku imei iban vin barcode fips"
)
_POSTAL = _set("zip zipcode plz postcode postalcode postleitzahl")
_PHONE = _set("phone telephone telefon telefono tel mobile fax")
#: These name rows if what they number is a thing, as in "order no".
_NUMBERS = _set("no nr num nbr number nummer numero key code ref reference serial")
_ALONE = _set("nr nbr key code ref reference serial index idx")
_THINGS = _set(
    "account acct area article asset badge batch bill booking card case cell claim client contract "
    "country county customer device doc document employee event flight host household image "
    "invoice item kunden listing lot material member merchant movie municipality object order "
    "parcel passenger passport patient person plate policy postal product receipt record "
    "registration region row sample security seller sequence serial session shop sku state station "
    "store student subject supplier tax ticket tracking transaction unit user vendor zip id "
    "bestell rechnungs artikel matrikel kd cust art commune insee departement siret"
)
#: Words for what is measured, and for axes. A column that is called so may well have equal steps.
_MEASURED = _set(
    "year years yr month months week weeks day days date datetime hour hours hr minute minutes min "
    "second seconds sec ms time times timestamp ts epoch period quarter created updated modified "
    "age lat latitude lon lng long longitude pos position dist distance depth height width "
    "length weight mass altitude elevation size area volume radius diameter angle theta phi "
    "frequency freq wavelength wavenumber wave temperature temp pressure voltage current power "
    "energy speed velocity price prices cost costs amount total sum balance income salary wage "
    "revenue sales turnover profit budget value gdp gnp population pop inhabitants votes views "
    "clicks likes count counts quantity qty dose concentration level score points steps "
    "rate ratio percent percentage share mean median avg average max bytes capacity mileage km "
    "miles meters tons atomic jahr monat woche tag datum zeit stunde alter preis umsatz gehalt "
    "einwohner flaeche menge betrag anzahl"
)


def identifier_reason(name: str, values: NDArray[np.generic]) -> str | None:
    """Say why a column looks like an identifier of its rows, in a few words.

    Parameters
    ----------
    name : str
        What the column is called; the empty string, if it is not known.
    values : ndarray of shape (n_rows,)
        The column as it was read, before any scaling. Numbers that are missing (NaN) do not count.

    Returns
    -------
    reason : str or None
        None if it does not look like one.

    Examples
    --------
    >>> import numpy as np
    >>> identifier_reason("customer", np.arange(1, 101))
    'a running number'
    >>> identifier_reason("petal length", np.array([5.1, 4.9, 4.7, 4.6, 5.0, 5.4])) is None
    True
    """
    column = _numbers(values)
    if column is None or len(column) < 3:
        return None
    order = np.sort(column)
    low, high = float(order[0]), float(order[-1])
    if low == high:
        return None
    n, steps = len(order), np.diff(order)
    different = int(np.count_nonzero(steps)) + 1
    words = words_of(name)
    whole = _whole(order, values.dtype)
    measured = _measured(name, words)
    if different == n >= FEWEST and not measured:
        places = _places(steps, high - low)
        chance = 0.0 if places is None else _log_chance(n, places)
        if places is not None and chance < math.log(CHANCE) and not _grows(column, n / places):
            return (
                "a running number" if whole and places == round(high - low) + 1 else "equal steps"
            )
    if (low > -0.5 and _rounded(order)) or _standardized(column):
        named = _named(words, order, different)
        if named is not None:
            return named
    if different == n and whole and not measured and _keys(column, order):
        return "big whole numbers, no two alike"
    return None


def words_of(name: str) -> list[str]:
    """Split a column's name into words in lower case, without accents.

    Examples
    --------
    >>> words_of("customerID"), words_of("HOST_ID"), words_of("Zip-Code 2")
    (['customer', 'id'], ['host', 'id'], ['zip', 'code'])
    """
    plain = unicodedata.normalize("NFKD", name).replace("#", " no ").replace("№", " no ")
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", plain)
    return [word for word in (each.lower() for each in found) if word]


def _measured(name: str, words: list[str]) -> bool:
    """Whether a name says that the column measures, counts or places something."""
    if words and (words[-1] in _NAMES | _POSTAL or _joined(words[-1])):
        return False
    counted = "of" in words or (len(words) > 1 and words[0] in {"n", "num", "no", "nr"})
    axis = name.strip().lower() in {"x", "y", "z", "t"}
    return counted or axis or not _MEASURED.isdisjoint(words)


def _numbers(values: NDArray[np.generic]) -> Floats | None:
    """Give the numbers of a column that are there, or None where they are not numbers."""
    if values.dtype.kind not in "iuf":
        return None
    flat = values.reshape(-1)
    if len(flat) > MOST_ROWS:
        flat = flat[:: -(-len(flat) // MOST_ROWS)]
    column = flat.astype(np.float64)
    kept: Floats = column[np.isfinite(column)]
    return kept


def _whole(order: Floats, dtype: np.dtype[np.generic]) -> bool:
    """Whether all are whole numbers, and small enough to show fractions if there were any."""
    if dtype.kind == "f":
        digits = np.finfo(np.dtype(dtype)).nmant  # type: ignore[type-var]
        if max(-order[0], order[-1]) >= 2.0**digits:
            return False
    return _rounded(order)


def _rounded(order: Floats) -> bool:
    """Whether all are whole numbers, but for what scaling and its undoing leave."""
    room = 8 * np.finfo(np.float64).eps * max(-order[0], order[-1])
    return bool((np.abs(order - np.rint(order)) <= room).all())


def _places(steps: Floats, range_: float) -> int | None:
    """How many places there are, if all values lie on places that are equally far apart."""
    step = float(steps.min())
    if step <= 0 or range_ / step > 1e9:
        return None
    # The mean of small steps is more exact than the smallest one, where decimals were rounded.
    single = steps[steps < 1.5 * step]
    step = float(single.mean())
    ratio = steps / step
    if (np.abs(ratio - np.rint(ratio)) > EVEN * np.maximum(1.0, np.rint(ratio))).any():
        return None
    return int(np.rint(ratio).sum()) + 1


def _log_chance(n: int, places: int) -> float:
    """Bound the logarithm of the probability that n values on so many places are all different.

    The bound holds for independent values of any distribution; it is reached by the uniform one.
    """
    return math.lgamma(places + 1) - math.lgamma(places - n + 1) - n * math.log(places)


def _standardized(column: Floats) -> bool:
    """Whether a column was scaled to mean 0 and variance 1, or to the range from 0 to 1."""
    if column.min() == 0 and column.max() == 1:
        return bool(len(column) > 2 and (column != np.rint(column)).any())
    return abs(float(column.mean())) < 1e-3 and abs(float(column.var()) - 1) < 1e-2


def _joined(word: str) -> bool:
    """Whether a word is the name of a thing and a word for its number, without a space."""
    return any(
        word.endswith(end) and word[: -len(end)] in _THINGS
        for end in ("id", "key", "code", "no", "nr", "number", "nummer")
    )


def _named(words: list[str], order: Floats, different: int) -> str | None:
    """Say what the column's name makes of it."""
    if not words:
        return None
    n, last = len(order), words[-1]
    before = words[-2] if len(words) > 1 else ""
    thing = "named like an identifier"
    alike = f"{thing}, no two alike" if different == n else thing
    nearly = different >= 0.9 * n
    if last in _POSTAL or (before, last) in {("zip", "code"), ("postal", "code"), ("post", "code")}:
        return f"{thing} (a postal code)"
    phone = last in _PHONE or (before in _PHONE and last in _NUMBERS)
    if phone and order[0] >= 10_000 and different >= n / 2:
        return f"{thing} (a phone number)"
    if last in _NAMES or (words[0] in _NAMES and _MEASURED.isdisjoint(words)):
        bare = len(words) == 1 and last == "id"  # might be an inner diameter
        return alike if nearly or not bare or _balanced(order, different) else None
    if not nearly or n < FEWEST:
        return None
    numbered = last in _NUMBERS and (before in _THINGS or (before, last) == ("code", "number"))
    # The other way round in French and its like: "code commune".
    numbered |= len(words) == 2 and before in ("code", "numero") and last in _THINGS
    return alike if numbered or _joined(last) or (words == [last] and last in _ALONE) else None


def _balanced(order: Floats, different: int) -> bool:
    """Whether all values come equally often, as when every person was measured so many times."""
    counts = np.unique(order, return_counts=True)[1]
    return bool(different >= 3 and (counts == counts[0]).all())


def _keys(column: Floats, order: Floats) -> bool:
    """Whether large whole numbers are spread like keys: evenly over their range, to the last digit.

    What is measured so finely (inhabitants, revenue, jobs) has a middle, or a tail, or groups; or
    it follows a curve from row to row; or it is rounded. Few rows show none of that, and are then
    not taken for keys.
    """
    n, low, high = len(order), float(order[0]), float(order[-1])
    if n < 20 or low < 0 or high < BIG or np.count_nonzero(order % 10 == 0) > 0.3 * n:
        return False
    places = (np.arange(n) + 0.5) / n
    off = float(np.abs((order - low) / (high - low) - places).max())
    if off >= min(UNIFORM, UNLIKELY / math.sqrt(n)):
        return False
    return _flat(order) and not _curve(column)


def _flat(order: Floats) -> bool:
    """Whether even values are likelier by far than normal ones, in groups or by their logarithms.

    Both at their best, by the Bayesian information criterion: even values have two parameters.
    """
    n = len(order)
    # The range that is seen is shorter than the one that values come from.
    even = -n * math.log(float(order[-1] - order[0]) * (n + 1) / (n - 1))
    # Logarithms less that of the lowest, which large numbers would round away.
    least = max(float(order[0]), 1.0)
    logs = np.log1p((order - order[0]) / least)
    others = [_normal(logs) - float(logs.sum()) - n * math.log(least)]
    for k in range(1, GROUPS + 1):
        groups = [group for group in np.split(order, _cuts(order, k)) if len(group)]
        if min(map(len, groups)) < 2:
            break
        shares = sum(len(group) * math.log(len(group) / n) for group in groups)
        more = (3 * len(groups) - 3) / 2 * math.log(n)
        others.append(sum(map(_normal, groups)) + shares - more)
    return even - max(others) > math.log(LIKELIER)


def _normal(values: Floats) -> float:
    """Give the log likelihood of the best normal distribution."""
    return -len(values) * (math.log(float(values.std())) + 0.5 * (1 + math.log(2 * math.pi)))


def _cuts(order: Floats, k: int) -> NDArray[np.intp]:
    """Find where to cut sorted values into k groups: by k-means, from groups of equal size."""
    n = len(order)
    sums = np.concatenate([[0.0], np.cumsum(order - order[0])])
    cuts = np.arange(1, k) * n // k
    for _ in range(20):
        ends = np.concatenate([[0], cuts, [n]])
        means = np.diff(sums[ends]) / np.maximum(np.diff(ends), 1)
        new = np.searchsorted(order - order[0], (means[1:] + means[:-1]) / 2)
        if (new == cuts).all():
            break
        cuts = new
    return cuts


def _curve(column: Floats) -> bool:
    """Whether values follow a curve from row to row, as those of months do.

    Keys are in any order, or sorted, perhaps in parts. The mean square of their steps is twice the
    variance in any order, and smaller on a curve. Parts that are sorted are as smooth only if they
    are long, so that few steps go back.
    """
    steps = np.diff(column)
    if float(np.square(steps).mean()) >= SMOOTH * float(column.var()):
        return False
    up = float((steps > 0).mean())
    return min(up, 1 - up) >= BACK or _grows(column)


def _grows(column: Floats, filled: float = 0.0) -> bool:
    """Whether values go up, or down, by about as much from each row to the next.

    Sorted keys have steps of all sizes, geometric ones, where they fill so large a part of their
    range. Of values that grow no two are alike, but that is no chance.
    """
    steps = np.diff(column)
    up = float((steps > 0).mean())
    varies = STEADY * math.sqrt(1 - filled) * abs(float(steps.mean()))
    return min(up, 1 - up) < BACK and float(steps.std()) < varies
