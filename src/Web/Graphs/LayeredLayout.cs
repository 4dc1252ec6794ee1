namespace DataPlatform.Web.Graphs;

/// <summary>
/// Places the vertices of a directed graph in layers from left to right: a vertex's layer is its longest path from a root; an edge over several
/// layers gets a place of its own in each between, so that it passes beside vertices and not behind them; within layers everything stands near
/// the middle of its neighbours. Edges that close a cycle are left out of the layering and drawn backwards.
/// </summary>
/// <remarks>Immutable once made. Time and memory grow with vertices, edges and the places of long edges, of which there is a limit.</remarks>
public sealed class LayeredLayout
{
    /// <summary>Passes over the layers, down and up in turn; more change little.</summary>
    private const int Passes = 8;

    /// <summary>Beyond so many places for edges they are drawn straight: a graph of that size is not read edge by edge.</summary>
    private const int BendsMax = 20_000;

    private readonly List<Vertex> _vertices = [];
    private readonly Dictionary<(int From, int To), List<int>> _bends = [];
    private readonly int[] _counts;

    private LayeredLayout(int count, IReadOnlyCollection<(int From, int To)> edges)
    {
        foreach (var layer in Layering.Of(count, edges))
        {
            _vertices.Add(new Vertex(layer));
        }

        foreach (var (from, to) in edges.Where(edge => _vertices[edge.From].Layer < _vertices[edge.To].Layer).Distinct())
        {
            Connect(from, to);
        }

        Order();
        _counts = new int[_vertices.Count == 0 ? 0 : _vertices.Max(vertex => vertex.Layer) + 1];
        foreach (var vertex in _vertices)
        {
            _counts[vertex.Layer]++;
        }
    }

    /// <summary>Layer and place in it of a vertex, both from 0.</summary>
    /// <param name="vertex">The vertex, or one of the <see cref="Bends"/> of an edge.</param>
    public (int Layer, int Place) this[int vertex] => (_vertices[vertex].Layer, _vertices[vertex].Place);

    /// <summary>Places in the fullest layer; 0 for an empty graph.</summary>
    public int Tallest => _counts.Length == 0 ? 0 : _counts.Max();

    /// <summary>How many layers there are.</summary>
    public int Layers => _counts.Length;

    /// <summary>Lays out a graph.</summary>
    /// <param name="count">Vertices; their names are 0 to count - 1.</param>
    /// <param name="edges">Pairs of vertices.</param>
    /// <exception cref="ArgumentOutOfRangeException">An edge names a vertex that is not there.</exception>
    public static LayeredLayout Of(int count, IReadOnlyCollection<(int From, int To)> edges)
    {
        ArgumentNullException.ThrowIfNull(edges);
        foreach (var (from, to) in edges)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)from, (uint)count, nameof(edges));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)to, (uint)count, nameof(edges));
        }

        return new(count, edges);
    }

    /// <summary>Places in a layer.</summary>
    /// <param name="layer">The layer.</param>
    public int CountIn(int layer) => _counts[layer];

    /// <summary>The vertices an edge passes between its ends, in order; none for one that is drawn straight.</summary>
    /// <param name="from">Where it begins.</param>
    /// <param name="to">Where it ends.</param>
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
