{#
    Replaces dbt's macro of this name: whether `dbt clone` can create a table that shares another table's rows. DuckDB cannot, and dbt
    cannot build on the views that it would create instead.
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
