{# Integer division, truncating. #}
{% macro int_divide(dividend, divisor) -%}
    {{ return(adapter.dispatch('int_divide', 'bioqms')(dividend, divisor)) }}
{%- endmacro %}

{% macro duckdb__int_divide(dividend, divisor) -%}
    (({{ dividend }}) // ({{ divisor }}))
{%- endmacro %}

{% macro bigquery__int_divide(dividend, divisor) -%}
    div(({{ dividend }}), ({{ divisor }}))
{%- endmacro %}
