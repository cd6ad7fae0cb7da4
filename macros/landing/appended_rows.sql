{#
    For a table of events that is not this project's own landing (var use_landing_log: false): the condition that keeps the rows which can
    be new. If the var events_landed_at names a column, those that landed since appended_since(); otherwise all.
#}
{% macro appended_rows() -%}
    {%- if var('events_landed_at') -%}
        {{ var('events_landed_at') }} >= {{ appended_since() }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
