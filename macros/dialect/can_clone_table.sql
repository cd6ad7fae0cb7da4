{#
    dbt's own macro, by its own name: whether `dbt clone` can make a table that shares another one's rows. DuckDB cannot, and the views that
    dbt would make in place of its tables cannot be built upon.
#}
{% macro can_clone_table() -%}
    {{ return(adapter.dispatch('can_clone_table', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__can_clone_table() -%}
    {%- do exceptions.raise_compiler_error(
        "DuckDB cannot clone a table. Copy the file of the warehouse instead (docs/dbt.md)."
    ) -%}
{%- endmacro %}

{% macro bigquery__can_clone_table() -%}
    {{ return(true) }}
{%- endmacro %}
