using System.Text.Json.Nodes;
using DataPlatform.Orchestrator.Dags;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DataPlatform.Orchestrator.Yaml;

/// <summary>DAGs as YAML: the same model, hash included, as the same DAG built in C#.</summary>
public static class DagYaml
{
    private const int LengthMax = 4 * 1024 * 1024;

    // Aliases can make a small text unfold into a huge one.
    private const int NodesMax = 2_000_000;

    private const int DepthMax = 100;

    /// <summary>Reads the DAGs of a text, one in each of its documents.</summary>
    /// <param name="yaml">The text; see <see cref="Schema"/>.</param>
    /// <param name="code">The functions it names; none when null.</param>
    /// <param name="source">What errors call the text, as a rule its file.</param>
    /// <returns>The DAGs in their order; all of them or none.</returns>
    /// <exception cref="DagYamlException">The text is no YAML, or not of this form; the message begins with place, line and
    /// column.</exception>
    public static IReadOnlyList<Dag> Read(string yaml, DagCode? code = null, string source = "dag.yaml")
    {
        ArgumentNullException.ThrowIfNull(yaml);
        ArgumentException.ThrowIfNullOrWhiteSpace(source);
        if (yaml.Length > LengthMax)
        {
            throw new DagYamlException(source, 1, 1, $"a text of DAGs has at most {LengthMax} characters, this one has {yaml.Length}");
        }

        var stream = new YamlStream();
        try
        {
            CheckDepth(yaml, source);
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new DagYamlException(source, e.Start.Line, e.Start.Column, $"this is no YAML: {e.Message}", e);
        }

        if (stream.Documents.Count == 0)
        {
            throw new DagYamlException(source, 1, 1, "there is no DAG here: it begins with 'dag: NAME'");
        }

        return [.. stream.Documents.Select(document =>
            new DagReader(code ?? new DagCode(), new YamlPlace(Plain(document.RootNode, source), source, "dag")).Read())];
    }

    /// <summary>The JSON schema (draft 2020-12) of one document, for editors.</summary>
    public static JsonObject Schema() => DagSchema.Build();

    // Nodes are read by recursion, so a text of brackets could overflow the stack.
    private static void CheckDepth(string yaml, string source)
    {
        var parser = new Parser(new StringReader(yaml));
        for (var depth = 0; parser.MoveNext(); depth += parser.Current?.NestingIncrease ?? 0)
        {
            if (depth > DepthMax && parser.Current is { } current)
            {
                throw new DagYamlException(source, current.Start.Line, current.Start.Column, $"this is nested more than {DepthMax} deep");
            }
        }
    }

    // An anchor may be used again, but a node that contains itself would never end.
    private static YamlNode Plain(YamlNode root, string source)
    {
        var open = new HashSet<YamlNode>(ReferenceEqualityComparer.Instance);
        var count = 0;
        Visit(root);
        return root;

        void Visit(YamlNode node)
        {
            if (!open.Add(node))
            {
                throw new DagYamlException(source, node.Start.Line, node.Start.Column, "an alias stands inside what it repeats");
            }

            if (++count > NodesMax)
            {
                throw new DagYamlException(source, node.Start.Line, node.Start.Column,
                    $"this is more than {NodesMax} nodes once its aliases are followed");
            }

            foreach (var child in node switch
            {
                YamlMappingNode mapping => mapping.Children.Values,
                YamlSequenceNode list => list.Children,
                _ => Enumerable.Empty<YamlNode>(),
            })
            {
                Visit(child);
            }

            open.Remove(node);
        }
    }
}
