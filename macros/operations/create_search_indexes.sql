{#
    Opt-in, on BigQuery only: search indexes for the look-up of a user, a session or an event name in the event tables.
        dbt run-operation create_search_indexes --target prod
#}
{% macro create_search_indexes() -%}
    {%- if not has_search_indexes() -%}
        {%- do exceptions.raise_compiler_error(
            "DuckDB has no search indexes: nothing was made. BigQuery has: --target prod."
        ) -%}
    {%- endif -%}
    {%- for statement in search_index_statements() -%}
        {%- do run_query(statement) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro search_index_statements() -%}
    {{ return([
        'create search index if not exists int_events_ids on ' ~ ref('int_events')
        ~ ' (event_id, user_id, anonymous_id, client_session_id, event_name)',
    ]) }}
{%- endmacro %}
