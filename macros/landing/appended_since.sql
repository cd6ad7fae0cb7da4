{#
    The instant from which on rows of such a table can be new to this model: landing_lookback_days before it last read some, if the table
    says when a row landed (var events_landed_at); the beginning in a full build.
#}
{% macro appended_since() -%}
    {%- if var('events_landed_at') and is_incremental() -%}
        {{ add_seconds(newest_build(), -86400 * var('landing_lookback_days') | int) }}
    {%- else -%}
        cast('1970-01-02' as timestamp)
    {%- endif -%}
{%- endmacro %}
