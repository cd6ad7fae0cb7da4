{# How many rows meet a condition, 0 if there are no rows; an aggregate. #}
{% macro count_where(condition) -%}
    count(case when {{ condition }} then 1 end)
{%- endmacro %}
