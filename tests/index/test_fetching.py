"""Rows fetched in one step are the rows: whole, in their order, whatever is in them."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Column, Integer, MetaData, Table, bindparam, create_engine, insert, select
from sqlalchemy.types import JSON, Boolean, DateTime, Float, String

from index import fetch_all
from index.fetching import Together

KINDS = {
    "told": (String, some.text(some.characters(exclude_categories=["Cs"]))),
    "holds": (Boolean, some.booleans()),
    "body": (JSON, some.dictionaries(some.text(some.characters(exclude_categories=["Cs"])), some.integers())),
    "at": (DateTime, some.datetimes(min_value=datetime(1900, 1, 1))),
    "share": (Float, some.floats(-1, 1).map(lambda share: round(share, 9))),
}
THINGS = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    *(Column(name, of) for name, (of, _) in KINDS.items()),
)
ROWS = some.lists(some.fixed_dictionaries({name: some.none() | drawn for name, (_, drawn) in KINDS.items()}))


@given(ROWS)
def test_rows_fetched_in_one_step_are_those_that_the_driver_gives_one_by_one(rows: list[dict[str, object]]) -> None:
    engine = create_engine("sqlite://")
    THINGS.metadata.create_all(engine)
    wanted = select(*THINGS.c, THINGS.c.told.label("again")).order_by(THINGS.c.id.desc())
    with engine.connect() as records:
        if rows:
            records.execute(insert(THINGS), rows)
        one_by_one, together = records.execute(wanted).all(), fetch_all(records, wanted)
    engine.dispose()
    assert [row._mapping for row in together] == [row._mapping for row in one_by_one]
    assert [tuple(row) for row in together] == [tuple(row) for row in one_by_one]


@given(some.lists(some.lists(some.integers(1, 5)), max_size=4))
def test_a_statement_made_once_gives_the_rows_for_the_values_of_each_time(asked: list[list[int]]) -> None:
    engine = create_engine("sqlite://")
    THINGS.metadata.create_all(engine)
    some_of_them = Together(select(THINGS.c.id).where(THINGS.c.id.in_(bindparam("ids", expanding=True))))
    with engine.connect() as records:
        records.execute(insert(THINGS), [{"id": number} for number in range(3)])
        for ids in asked:
            assert {key for (key,) in some_of_them.all(records, ids=ids)} == set(ids) & set(range(3))
    engine.dispose()
