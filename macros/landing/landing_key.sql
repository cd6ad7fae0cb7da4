{#
    The unit in which a raw row landed: its segment's path within the log, or its Pub/Sub message. For a table that is not this project's
    own landing: the column of the var events_landing_key; without one each row is its own unit.
#}
{% macro landing_key() -%}
    {%- if var('use_landing_log') -%}
        {{ return(adapter.dispatch('landing_key', 'bioqms')()) }}
    {%- elif var('events_landing_key') -%}
        cast({{ var('events_landing_key') }} as {{ type_text() }})
    {%- else -%}
        {{ row_landing_key('source') }}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__landing_key() -%}
    substring(filename, {{ landing_log() | length + 1 }})
{%- endmacro %}

{% macro bigquery__landing_key() -%}
    message_id
{%- endmacro %}
