{#
    Whether this model gets all rows of what it reads, from this warehouse. dbt gives it none under --empty, some under --sample and
    in the batches of a microbatch model, and another warehouse's under --defer. It checks what ref() and source() return, not the flags,
    so that it also works with flags that dbt may add.
#}
{% macro sees_all_rows() -%}
    {%- if execute -%}
        {%- for node_id in model.depends_on.nodes -%}
            {%- if node_id in graph.sources -%}
                {%- set node = graph.sources[node_id] -%}
                {%- set relation = source(node.source_name, node.name) -%}
            {%- else -%}
                {%- set node = graph.nodes[node_id] -%}
                {%- set relation = ref(node.package_name, node.name) -%}
            {%- endif -%}
            {%- if
                relation.limit is not none
                or relation.event_time_filter is not none
                or relation.render() != node.relation_name
            -%}
                {{ return(false) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(true) }}
{%- endmacro %}
