{#
    Overrides a macro of the package on DuckDB: because the package asks for `start_of_week` by adapter.dispatch('start_of_week', 'bioqms'),
    dbt looks here first. Where the shop's own var says nothing, the package's version is called by its full name.
#}
{% macro duckdb__start_of_week(date_expression) -%}
    {%- if var('week_begins_on') == 'sunday' -%}
        (cast(date_trunc('week', {{ date_expression }} + 1) as date) - 1)
    {%- else -%}
        {{ bioqms.duckdb__start_of_week(date_expression) }}
    {%- endif -%}
{%- endmacro %}
