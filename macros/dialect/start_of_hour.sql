{# The instant at which the hour of an instant began. #}
{% macro start_of_hour(ts) -%}
    {{ return(adapter.dispatch('start_of_hour', 'bioqms')(ts)) }}
{%- endmacro %}

{% macro duckdb__start_of_hour(ts) -%}
    date_trunc('hour', {{ ts }})
{%- endmacro %}

{% macro bigquery__start_of_hour(ts) -%}
    timestamp_trunc({{ ts }}, hour)
{%- endmacro %}
