{#
    The source, as staging reads it. Rows that landed together are recorded as read together, so a run reads all of them or none: none
    under --empty, and all under --sample, which would give a part.
#}
{% macro landed_events() -%}
    {%- set events = source('raw', 'events') -%}
    {{ return(events if events.limit is not none else events.render()) }}
{%- endmacro %}
