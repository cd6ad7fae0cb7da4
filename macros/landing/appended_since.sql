{#
    From when on rows of such a table can be new to this model, as an instant: landing_lookback_days before it last took some, if it can be told
    when a row landed (var events_landed_at); from the beginning in a full build.
#}
{% macro appended_since() -%}
    {%- if var('events_landed_at') and is_incremental() -%}
        {{ add_seconds(newest_build(), -86400 * var('landing_lookback_days') | int) }}
    {%- else -%}
        cast('1970-01-02' as timestamp)
    {%- endif -%}
{%- endmacro %}
