"""Tables on pages: the CSV of their tool bar, which the browser writes, has no formula."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    """A page with tables of strange names."""
    import streamlit as st

    from app.widgets.table import data_table

    strange = {"class": ["=HYPERLINK(1)", "cat", "-5"], "+cmd": [1.5, 2, 3]}
    order = st.column_config.NumberColumn(format="percent")
    data_table(strange, key="columns", column_order=["+cmd", "class"], column_config={"+cmd": order})
    data_table([{"file": "@SUM(A1)", "rows": 1}], key="rows")
    data_table([], key="none")


def test_no_cell_of_a_table_is_a_formula() -> None:
    """Cells and names of columns get an apostrophe; numbers, and text that is one, stay."""
    app = AppTest.from_function(page, default_timeout=120).run()
    assert not app.exception
    columns, rows, none = (table.value for table in app.dataframe)
    assert columns.to_dict("list") == {"class": ["'=HYPERLINK(1)", "cat", "-5"], "'+cmd": [1.5, 2.0, 3.0]}
    assert list(app.dataframe[0].proto.column_order) == ["'+cmd", "class"]
    assert "'+cmd" in app.dataframe[0].proto.columns
    assert rows.to_dict("list") == {"file": ["'@SUM(A1)"], "rows": [1]}
    assert none.empty
