using Apache.Arrow;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>A batch that columns are added to.</summary>
internal sealed class BatchColumns(RecordBatch batch)
{
    private readonly List<Field> _fields = [.. batch.Schema.FieldsList];
    private readonly List<IArrowArray> _columns = [.. Enumerable.Range(0, batch.ColumnCount).Select(batch.Column)];

    public int Length => batch.Length;

    public IArrowArray this[string name] => _columns[IndexOf(name)];

    public bool Has(string name) => IndexOf(name) >= 0;

    public void Add(StructField field, IArrowArray column)
    {
        _fields.Add(new Field(field.Name, ArrowSchemas.ToArrow(field.Type), field.Nullable));
        _columns.Add(column);
    }

    public RecordBatch ToBatch() => new(new Schema(_fields, null), _columns, Length);

    private int IndexOf(string name) => _fields.FindIndex(f => string.Equals(f.Name, name, StringComparison.OrdinalIgnoreCase));
}
