{#
    The condition that keeps the partitions of some UTC dates, a list of 'YYYY-MM-DD', of a timestamp column; an empty list keeps nothing.
    The
    lower bound leaves the column bare. DuckDB has no partitions and keeps all.
#}
{% macro on_dates(column, dates) -%}
    {{ return(adapter.dispatch('on_dates', 'bioqms')(column, dates)) }}
{%- endmacro %}

{% macro duckdb__on_dates(column, dates) -%}
    {{ column }} >= cast('1970-01-01' as timestamp)
{%- endmacro %}

{% macro bigquery__on_dates(column, dates) -%}
    {%- if dates -%}
        {{ column }} >= timestamp '{{ dates | min }} 00:00:00+00:00'
        and date({{ column }}) in (
            {%- for date in dates %}date '{{ date }}'{{ ', ' if not loop.last }}{% endfor -%}
        )
    {%- else -%}
        {{ column }} >= timestamp '9999-12-31 00:00:00+00:00'
    {%- endif -%}
{%- endmacro %}
