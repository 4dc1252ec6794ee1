using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Web;

/// <summary>
/// A layered layout: a task's layer is its longest path from a root; an edge over several layers gets a place of its own in each between,
/// so that
/// it passes beside tasks and not behind them; within layers everything stands near the middle of its neighbours.
/// </summary>
internal sealed class GraphLayout
{
    /// <summary>Passes over the layers, down and up in turn; more change little.</summary>
    private const int Passes = 8;

    /// <summary>Beyond so many places for edges they are drawn straight: a graph of that size is not read edge by edge.</summary>
    private const int BendsMax = 20_000;

    private readonly List<Vertex> _vertices = [];
    private readonly Dictionary<(int From, int To), List<int>> _bends = [];

    private GraphLayout(Dag dag)
    {
        foreach (var task in dag.Tasks)
        {
            var layer = task.UpstreamNumbers.Count == 0 ? 0 : task.UpstreamNumbers.Max(up => _vertices[up].Layer) + 1;
            _vertices.Add(new Vertex(layer));
        }

        foreach (var (from, to) in dag.Tasks.SelectMany(task => task.DownstreamNumbers.Select(next => (task.Number, next))))
        {
            Connect(from, to);
        }

        Order();
    }

    /// <summary>Layer and place in it of a vertex; tasks have their number.</summary>
    public (int Layer, int Place) this[int vertex] => (_vertices[vertex].Layer, _vertices[vertex].Place);

    /// <summary>Places in the fullest layer.</summary>
    public int Tallest => _vertices.Max(vertex => vertex.Place) + 1;

    public int Layers => _vertices.Max(vertex => vertex.Layer) + 1;

    public static GraphLayout Of(Dag dag) => new(dag);

    /// <summary>Places in a layer.</summary>
    public int CountIn(int layer) => _vertices.Count(vertex => vertex.Layer == layer);

    /// <summary>The vertices an edge passes between its ends, in order.</summary>
    public IReadOnlyList<int> Bends(int from, int to) => _bends.GetValueOrDefault((from, to), []);

    private void Connect(int from, int to)
    {
        var last = from;
        var bends = new List<int>();
        for (var layer = _vertices[from].Layer + 1; layer < _vertices[to].Layer && _vertices.Count < BendsMax; layer++)
        {
            bends.Add(_vertices.Count);
            _vertices.Add(new Vertex(layer));
            Link(last, bends[^1]);
            last = bends[^1];
        }

        _bends[(from, to)] = bends;
        Link(last, to);
    }

    private void Link(int from, int to)
    {
        _vertices[from].Down.Add(_vertices[to]);
        _vertices[to].Up.Add(_vertices[from]);
    }

    private void Order()
    {
        var layers = _vertices.GroupBy(vertex => vertex.Layer).OrderBy(group => group.Key).Select(group => group.ToList()).ToList();
        layers.ForEach(Number);
        for (var pass = 0; pass < Passes; pass++)
        {
            var isDown = pass % 2 == 0;
            foreach (var layer in isDown ? layers : Enumerable.Reverse(layers))
            {
                var ordered = layer.OrderBy(vertex => Middle(isDown ? vertex.Up : vertex.Down, vertex.Place)).ThenBy(vertex => vertex.Place)
                    .ToList();
                layer.Clear();
                layer.AddRange(ordered);
                Number(layer);
            }
        }
    }

    private static void Number(List<Vertex> layer)
    {
        for (var i = 0; i < layer.Count; i++)
        {
            layer[i].Place = i;
        }
    }

    private static double Middle(List<Vertex> neighbours, int own) =>
        neighbours.Count == 0 ? own : neighbours.Average(vertex => (double)vertex.Place);

    private sealed class Vertex(int layer)
    {
        public int Layer { get; } = layer;

        public int Place { get; set; }

        public List<Vertex> Up { get; } = [];

        public List<Vertex> Down { get; } = [];
    }
}
