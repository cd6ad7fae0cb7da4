{# ISO weeks between two Mondays. #}
{% macro weeks_between(start_week, end_week) -%}
    {{ int_divide(days_between(start_week, end_week), 7) }}
{%- endmacro %}
