using System.Globalization;
using System.Text.Json;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>Gives out the values of an identity column (protocol section "Identity Columns").</summary>
internal sealed class IdentityColumn
{
    public const string StartKey = "delta.identity.start";
    public const string StepKey = "delta.identity.step";
    public const string HighWaterMarkKey = "delta.identity.highWaterMark";
    public const string ExplicitKey = "delta.identity.allowExplicitInsert";
    private readonly long _start;
    private readonly long _step;
    private long? _mark;

    private IdentityColumn(StructField field, long start, long step, long? mark)
    {
        Field = field;
        _start = start;
        _step = step != 0 ? step : throw DeltaException.Invalid($"The identity column '{field.Name}' has the step 0.");
        _mark = mark;
    }

    public StructField Field { get; }

    public bool AllowsExplicit => Field.Text(ExplicitKey) == "true";

    /// <summary>Whether values were given out, so that the table's mark must be raised.</summary>
    public bool IsRaised { get; private set; }

    public static IdentityColumn? Of(StructField field) => field.Text(StartKey) is null ? null
        : new IdentityColumn(field, Number(field, StartKey) ?? 1, Number(field, StepKey) ?? 1, Number(field, HighWaterMarkKey));

    public long Next()
    {
        IsRaised = true;
        _mark = _mark is { } mark ? checked(mark + _step) : _start;
        return _mark.Value;
    }

    /// <summary>The column with the mark that the values given out have reached.</summary>
    public StructField Raised() => Field.With(HighWaterMarkKey, JsonSerializer.SerializeToElement(_mark!.Value));

    /// <summary>The metadata with the marks that were raised; null where none was.</summary>
    public static Metadata? Raise(Metadata metadata, IReadOnlyList<IdentityColumn> identities)
    {
        var raised = identities.Where(i => i.IsRaised).ToDictionary(i => i.Field.Name, i => i.Raised());
        return raised.Count == 0 ? null : metadata with
        {
            SchemaString = new StructType(
                [.. StructType.FromJson(metadata.SchemaString!).Fields.Select(f => raised.GetValueOrDefault(f.Name) ?? f)]).ToJson(),
        };
    }

    private static long? Number(StructField field, string key)
        => field.Text(key) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;
}
