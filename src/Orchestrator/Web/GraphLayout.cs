using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Web;

/// <summary>A layered layout: a task's layer is its longest path from a root; within layers tasks stand near the middle of their
/// neighbours.</summary>
internal static class GraphLayout
{
    /// <summary>Passes over the layers, down and up in turn; more change little.</summary>
    private const int Passes = 8;

    /// <summary>Layer and place in it, by task number.</summary>
    public static IReadOnlyList<(int Layer, int Place)> Of(Dag dag)
    {
        var layerOf = new int[dag.Tasks.Count];
        foreach (var task in dag.Tasks)
        {
            layerOf[task.Number] = task.UpstreamNumbers.Count == 0 ? 0 : task.UpstreamNumbers.Max(up => layerOf[up]) + 1;
        }

        var layers = dag.Tasks.GroupBy(task => layerOf[task.Number]).OrderBy(group => group.Key).Select(group => group.ToList()).ToList();
        var place = new int[dag.Tasks.Count];
        Renumber(layers, place);
        for (var pass = 0; pass < Passes; pass++)
        {
            var isDown = pass % 2 == 0;
            foreach (var layer in isDown ? layers : Enumerable.Reverse(layers))
            {
                var ordered = layer.OrderBy(task => Middle(isDown ? task.UpstreamNumbers : task.DownstreamNumbers, place,
                    place[task.Number]))
                    .ThenBy(task => task.Number).ToList();
                layer.Clear();
                layer.AddRange(ordered);
                for (var i = 0; i < layer.Count; i++)
                {
                    place[layer[i].Number] = i;
                }
            }
        }

        return [.. dag.Tasks.Select(task => (layerOf[task.Number], place[task.Number]))];
    }

    private static double Middle(IReadOnlyList<int> neighbours, int[] place, int own) =>
        neighbours.Count == 0 ? own : neighbours.Average(number => (double)place[number]);

    private static void Renumber(List<List<DagTask>> layers, int[] place)
    {
        foreach (var layer in layers)
        {
            for (var i = 0; i < layer.Count; i++)
            {
                place[layer[i].Number] = i;
            }
        }
    }
}
