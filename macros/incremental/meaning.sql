{#
    What this model takes events to mean, as a text that changes when it does: the event catalogue, where the model reads it,
    and the session timeout. A product manager who changes a row of the catalogue so changes history too, at the next build.
#}
{% macro meaning() -%}
    {%- set catalog = 'none' -%}
    {%- if execute and reads_node('event_catalog') -%}
        {%- set flags -%}
            event_name
            || cast(is_engagement as {{ type_text() }})
            || cast(is_activity as {{ type_text() }})
            || cast(is_anonymous as {{ type_text() }})
        {%- endset -%}
        {%- set ask -%}
            select {{ md5_text("string_agg(" ~ flags ~ ", ',' order by event_name)") }}
            from {{ ref('event_catalog') }}
        {%- endset -%}
        {%- set catalog = run_query(ask).columns[0].values()[0] -%}
    {%- endif -%}
    {{ catalog }} {{ var('session_timeout_seconds') }}
{%- endmacro %}
