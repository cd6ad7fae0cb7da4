{#
    How far into stg_events this run of an incremental model reads, as a literal instant: as far as the models that it reads have read
    themselves, so that a build of some models (--select, or one that failed half way) leaves nothing out of the next one. Where it
    reads no incremental model, or reads them from another warehouse (--defer): this run's start.
#}
{% macro read_through() -%}
    {%- set parents = [] -%}
    {%- if execute -%}
        {%- for node_id in model.depends_on.nodes if node_id in graph.nodes -%}
            {%- set node = graph.nodes[node_id] -%}
            {%- if
                node.config.materialized == 'incremental'
                and ref(node.package_name, node.name).render() == node.relation_name
            -%}
                {%- do parents.append("'" ~ node.alias ~ "'") -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if not parents -%}
        {{ return(build_instant()) }}
    {%- endif -%}
    {%- set ask -%}
        select max(loaded_through) as loaded_through
        from {{ build_ledger() }}
        where model_name in ({{ parents | join(', ') }})
        group by model_name
    {%- endset -%}
    {%- set recorded = run_query(ask).columns[0].values() | list -%}
    {{ return(as_instant(recorded | min if recorded | length == parents | length else none)) }}
{%- endmacro %}
