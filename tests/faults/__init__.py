"""Servers that misbehave, and what the command makes of each. The asserts of these modules are the tests'."""

import pytest

pytest.register_assert_rewrite("tests.faults.stage", "tests.faults.exact_rows", "tests.faults.time_rows")
