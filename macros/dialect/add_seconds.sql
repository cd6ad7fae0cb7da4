{# An instant some seconds later. #}
{% macro add_seconds(ts, seconds) -%}
    {{ return(adapter.dispatch('add_seconds', 'bioqms')(ts, seconds)) }}
{%- endmacro %}

{% macro duckdb__add_seconds(ts, seconds) -%}
    ({{ ts }} + to_seconds({{ seconds }}))
{%- endmacro %}

{% macro bigquery__add_seconds(ts, seconds) -%}
    timestamp_add({{ ts }}, interval {{ seconds }} second)
{%- endmacro %}
