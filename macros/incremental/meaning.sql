{#
    The settings that decide how this model reads events, as a text: the event catalogue, if the model reads it, and the session timeout.
    So if a product manager changes a row of the catalogue, the next build also changes history.
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
