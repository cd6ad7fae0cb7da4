{# Microseconds from one instant to another, an integer. #}
{% macro micros_between(start_at, end_at) -%}
    {{ return(adapter.dispatch('micros_between', 'bioqms')(start_at, end_at)) }}
{%- endmacro %}

{% macro duckdb__micros_between(start_at, end_at) -%}
    (epoch_us({{ end_at }}) - epoch_us({{ start_at }}))
{%- endmacro %}

{% macro bigquery__micros_between(start_at, end_at) -%}
    timestamp_diff({{ end_at }}, {{ start_at }}, microsecond)
{%- endmacro %}
