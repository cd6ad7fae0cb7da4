{# How many rows meet a condition, 0 where there is no row; an aggregate. #}
{% macro count_where(condition) -%}
    count(case when {{ condition }} then 1 end)
{%- endmacro %}
