"""The launchpad's form: each field has words and a default; a wrong value is refused in the command's words."""

import pytest
from dagster import DagsterInvalidConfigError, RunConfig, validate_run_config

from assets.context import IndexRun
from assets.launch_form import FIELDS
from pipeline.declare.settings import HOME_VARIABLE
from pipeline.definitions import defs


@pytest.fixture(scope="module")
def job():
    return defs.resolve_job_def("township_index")


def form(**values: object) -> dict[str, object]:
    return {"resources": {"run": {"config": values}}}


def test_every_field_has_words_and_every_default_of_a_run_is_the_forms():
    assert {*FIELDS} == {*IndexRun.model_fields}
    assert all(len(field.description or "") > 20 for field in FIELDS.values())
    for name, field in FIELDS.items():
        assert field.default_value == IndexRun.model_fields[name].default, name


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("period_end", "June 2023", "--period-end 'June 2023' is not a day of the calendar; write YYYY-MM-DD"),
        ("period_end", "2021-01-31", "lies before 2021-02-01, where the window starts; give a later day"),
        ("as_of", "2999-01-01", "--as-of 2999-01-01 lies in the future; give a day up to today"),
        ("method", "isp", "unknown method 'isp'; choose one of: isp-2023, rolling-12m"),
        ("lag", "a month", "--lag 'a month' is no number of days from 0 to 366; write one such as 28"),
        ("profile", "secret", "not in enum type Profile got secret"),
        ("make_latest", "perhaps", 'is not valid for expected type "Bool"'),
        ("period", "2023-06-30", "Received unexpected config entry"),
    ],
)
def test_a_wrong_value_is_refused_before_a_run_is_made(job, tmp_path, monkeypatch, field, value, sentence):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    with pytest.raises(DagsterInvalidConfigError) as refused:
        validate_run_config(job, form(**{field: value}))
    assert sentence in str(refused.value)


def test_right_values_pass_and_blank_ones_stand_for_the_defaults(job, tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    wanted = {"period_end": "2023-06-30", "as_of": "2024-01-31", "method": "rolling-12m", "profile": "internal",
              "lag": "45"}  # fmt: skip
    passed = validate_run_config(job, form(**wanted))["resources"]["run"]["config"]
    assert passed.items() >= wanted.items()
    blank = validate_run_config(job, form(period_end="", as_of="", method=""))["resources"]["run"]["config"]
    assert blank["profile"] == blank["period_end"] == ""
    of_the_command = RunConfig(resources={"run": IndexRun(home=str(tmp_path), period_end="2023-06-30")})
    assert validate_run_config(job, of_the_command)["resources"]["run"]["config"]["period_end"] == "2023-06-30"
