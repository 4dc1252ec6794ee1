using Apache.Arrow;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Scans.Skipping;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>Compares a file's values with the bounds that its statistics state. A value outside them would be pruned wrongly.</summary>
internal sealed class BoundsCheck
{
    private readonly List<(string Column, int Ordinal, Bounds Stated)> _columns = [];
    private readonly SortedSet<string> _differences = new(StringComparer.Ordinal);

    public BoundsCheck(DataFileLayout layout, string? stats)
    {
        var stated = StatisticsText.Of(stats);
        for (var i = 0; i < layout.DataSchema.Fields.Count; i++)
        {
            var field = layout.DataSchema.Fields[i];
            if (field.Type is PrimitiveType or DecimalType)
            {
                _columns.Add((field.Name, i, stated(new StatisticsColumn([ColumnMapping.PhysicalName(field)], field.Type, null))));
            }
        }
    }

    public void Add(RecordBatch batch)
    {
        foreach (var (column, ordinal, stated) in _columns)
        {
            var array = batch.Column(ordinal);
            for (var row = 0; row < array.Length; row++)
            {
                Compare(column, stated, ArrowValues.Of(array, row));
            }
        }
    }

    public IEnumerable<string> Differences() => _differences;

    private void Compare(string column, Bounds stated, object? value)
    {
        if (value is null)
        {
            if (!stated.MayBeNull)
            {
                _differences.Add($"{column} has a null, and the statistics say it has none");
            }
        }
        else if (!stated.MayHaveValue)
        {
            _differences.Add($"{column} has a value, and the statistics say that all are null");
        }
        else if ((stated.Minimum is { } min && Values.Compare(value, min) < 0)
            || (stated.Maximum is { } max && Values.Compare(value, max) > 0))
        {
            _differences.Add($"{column} has a value outside the statistics' bounds [{stated.Minimum}, {stated.Maximum}]");
        }
    }
}
