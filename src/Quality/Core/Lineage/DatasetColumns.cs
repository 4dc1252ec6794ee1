namespace DataPlatform.Quality.Lineage;

/// <summary>Which columns of a graph stand together in a dataset, and which one of them stands for all.</summary>
/// <remarks>Thread-safe: never changed once built.</remarks>
internal sealed class DatasetColumns
{
    private readonly Dictionary<string, int> _datasets = new(StringComparer.Ordinal);
    private readonly int[] _datasetOf;
    private readonly List<int> _stars = [];
    private readonly int[] _starts;
    private readonly int[] _members;

    private DatasetColumns(ColumnNames names, int nodes)
    {
        _datasetOf = new int[nodes];
        for (var node = 0; node < nodes; node++)
        {
            var column = names[node];
            if (!_datasets.TryGetValue(column.Dataset, out var dataset))
            {
                _datasets[column.Dataset] = dataset = _stars.Count;
                _stars.Add(-1);
            }

            _datasetOf[node] = dataset;
            _stars[dataset] = column.IsStar ? node : _stars[dataset];
        }

        (_starts, _members) = Group(_datasetOf, _stars.Count);
    }

    public static DatasetColumns Build(ColumnNames names, int nodes) => new(names, nodes);

    /// <summary>The column that stands for all of the dataset that a column is in; -1 where there is none.</summary>
    public int StarOf(int node) => _stars[_datasetOf[node]];

    /// <summary>The columns of the dataset that a column is in, itself among them.</summary>
    public ReadOnlySpan<int> MembersOf(int node) => Members(_datasetOf[node]);

    /// <summary>The columns of a dataset; empty for an unknown one.</summary>
    public ReadOnlySpan<int> MembersOf(string dataset) => _datasets.TryGetValue(dataset, out var number) ? Members(number) : [];

    private ReadOnlySpan<int> Members(int dataset) => _members.AsSpan(_starts[dataset].._starts[dataset + 1]);

    private static (int[] Starts, int[] Members) Group(int[] datasetOf, int datasets)
    {
        var starts = new int[datasets + 1];
        foreach (var dataset in datasetOf)
        {
            starts[dataset + 1]++;
        }

        for (var i = 0; i < datasets; i++)
        {
            starts[i + 1] += starts[i];
        }

        var next = starts.ToArray();
        var members = new int[datasetOf.Length];
        for (var node = 0; node < datasetOf.Length; node++)
        {
            members[next[datasetOf[node]]++] = node;
        }

        return (starts, members);
    }
}
