{#
    A post-hook: writes into the ledger how far into stg_events an incremental model has read: no farther than the models that it reads
    had read themselves, so that a build of a part (--select, or one that failed half way) leaves nothing out of the next one.
    Nothing where the model did not get all rows (sees_all_rows).
#}
{% macro record_build() -%}
    {%- if execute and model.config.materialized == 'incremental' and sees_all_rows() -%}
        insert into {{ build_ledger() }} (model_name, loaded_through, meaning)
        values ('{{ this.identifier }}', {{ _read_through() }}, '{{ meaning() }}')
    {%- endif -%}
{%- endmacro %}

{# The least that an incremental model it reads has taken in, as a literal instant; where it reads none, this run's start. #}
{% macro _read_through() -%}
    {%- set parents = [] -%}
    {%- for node_id in model.depends_on.nodes if node_id in graph.nodes -%}
        {%- set node = graph.nodes[node_id] -%}
        {%- if node.config.materialized == 'incremental' -%}
            {%- do parents.append("'" ~ node.alias ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not parents -%}
        {{ return(build_instant()) }}
    {%- endif -%}
    {%- set ask -%}
        select max(loaded_through)
        from {{ build_ledger() }}
        where model_name in ({{ parents | join(', ') }})
        group by model_name
    {%- endset -%}
    {%- set recorded = run_query(ask).columns[0].values() | list -%}
    {{ return(as_instant(recorded | min if recorded | length == parents | length else none)) }}
{%- endmacro %}
