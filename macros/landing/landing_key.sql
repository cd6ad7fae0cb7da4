{# What names the unit in which a raw row landed: its segment's path within the log, or its Pub/Sub message. #}
{% macro landing_key() -%}
    {{ return(adapter.dispatch('landing_key', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__landing_key() -%}
    substring(filename, {{ landing_log() | length + 1 }})
{%- endmacro %}

{% macro bigquery__landing_key() -%}
    message_id
{%- endmacro %}
