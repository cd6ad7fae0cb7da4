{# The instant at which the minute of an instant began. #}
{% macro start_of_minute(ts) -%}
    {{ return(adapter.dispatch('start_of_minute', 'bioqms')(ts)) }}
{%- endmacro %}

{% macro duckdb__start_of_minute(ts) -%}
    date_trunc('minute', {{ ts }})
{%- endmacro %}

{% macro bigquery__start_of_minute(ts) -%}
    timestamp_trunc({{ ts }}, minute)
{%- endmacro %}
