{# Integer division, truncating, of integers of type_wide(). #}
{% macro wide_divide(dividend, divisor) -%}
    {{ return(adapter.dispatch('wide_divide', 'bioqms')(dividend, divisor)) }}
{%- endmacro %}

{% macro duckdb__wide_divide(dividend, divisor) -%}
    (({{ dividend }}) // ({{ divisor }}))
{%- endmacro %}

{# BigQuery's div() truncates; its emulator leaves a fraction of wide numbers, so it is cut off here. #}
{% macro bigquery__wide_divide(dividend, divisor) -%}
    trunc(div(({{ dividend }}), ({{ divisor }})))
{%- endmacro %}
