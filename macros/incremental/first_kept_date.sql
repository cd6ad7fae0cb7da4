{# An event date from which on every table still has all rows: earlier days expire, in each table at a different time (kept_days). #}
{% macro first_kept_date() -%}
    {%- set days = kept_days() -%}
    {{ add_days(as_of_date(), 2 - days) if days else "cast('0001-01-01' as date)" }}
{%- endmacro %}
