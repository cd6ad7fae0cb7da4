{#
    The source, as staging reads it. What landed together is noted as taken as a whole, so all of it is read or nothing: nothing under
    --empty, and all of it under --sample, which would give a part.
#}
{% macro landed_events() -%}
    {%- set events = source('raw', 'events') -%}
    {{ return(events if events.limit is not none else events.render()) }}
{%- endmacro %}
