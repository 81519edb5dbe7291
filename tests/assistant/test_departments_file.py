"""A file of departments: what it says of each is so, and a bad one adds none."""

from pathlib import Path
from typing import Any

import pytest

from assistant.access import local_operator
from assistant.domains import DEFAULT_HOLD_BELOW
from assistant.errors import BadInput
from assistant.example import load_domains

FILE = """
[people]
description_en = "Leave"
hold_below = 0.65

[it]
description_en = "Computers"
"""


def test_a_department_holds_below_what_its_file_says_else_as_a_new_one(open_home: Any, tmp_path: Path) -> None:
    services, file = open_home(), tmp_path / "domains.toml"
    file.write_text(FILE, encoding="utf-8")
    with services.database.read() as session:
        operator = local_operator(session, "test")
    assert load_domains(services, operator, file) == ["people", "it"]
    assert services.domains.get("people").hold_below == 0.65
    assert services.domains.get("it").hold_below == DEFAULT_HOLD_BELOW


@pytest.mark.parametrize("said", ['"high"', "1.5", "-1"])
def test_a_threshold_that_is_none_is_refused_and_no_department_is_added(
    open_home: Any, tmp_path: Path, said: str
) -> None:
    services, file = open_home(), tmp_path / "domains.toml"
    file.write_text(FILE + f"hold_below = {said}\n", encoding="utf-8")
    with services.database.read() as session:
        operator = local_operator(session, "test")
    with pytest.raises(BadInput):
        load_domains(services, operator, file)
    with services.database.read() as session:
        assert local_operator(session, "test").roles == {}
