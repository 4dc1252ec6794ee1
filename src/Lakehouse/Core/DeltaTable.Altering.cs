using DataPlatform.Lakehouse.Commands;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse;

/// <content>Changes of metadata and protocol.</content>
public sealed partial class DeltaTable
{
    /// <summary>
    /// Sets table properties, and raises the protocol where they need it (<c>delta.enableChangeDataFeed</c>, <c>delta.constraints.x</c>,
    /// ...).
    /// </summary>
    /// <param name="properties">The properties; a null value takes one away.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>The version written.</returns>
    /// <exception cref="DeltaException">A constraint does not hold for a row that is there, or another writer changed the
    /// metadata.</exception>
    public Task<long> SetPropertiesAsync(IReadOnlyDictionary<string, string?> properties, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(properties);
        return new PropertyChange(this).SetAsync(properties, cancellationToken);
    }

    /// <summary>Adds columns at the end of the schema; rows that are there read as null.</summary>
    /// <param name="columns">The columns; they must be nullable.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>The version written.</returns>
    public Task<long> AddColumnsAsync(IReadOnlyList<StructField> columns, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return new ColumnChange(this).AddAsync(columns, cancellationToken);
    }

    /// <summary>Renames a column without a rewrite, on tables with column mapping.</summary>
    /// <param name="name">The column; <c>a.b</c> for a field of a struct.</param>
    /// <param name="newName">Its new name.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>The version written.</returns>
    public Task<long> RenameColumnAsync(string name, string newName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(newName);
        return new ColumnChange(this).ReplaceAsync(name, newName, cancellationToken);
    }

    /// <summary>Drops a column without a rewrite, on tables with column mapping; its values stay in old files and are not read.</summary>
    /// <param name="name">The column; <c>a.b</c> for a field of a struct.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>The version written.</returns>
    public Task<long> DropColumnAsync(string name, CancellationToken cancellationToken = default)
        => new ColumnChange(this).ReplaceAsync(name, null, cancellationToken);

    /// <summary>
    /// Widens a column's type without a rewrite, on tables with <c>delta.enableTypeWidening</c>: integers to larger ones, to double or to
    /// decimals that hold them, float to double, decimals to more digits, date to timestamp_ntz.
    /// </summary>
    /// <param name="name">The column; <c>a.b</c> for a field of a struct, <c>a.element</c>, <c>a.key</c>, <c>a.value</c> within lists and
    /// maps.</param>
    /// <param name="type">The wider type.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>The version written.</returns>
    /// <exception cref="DeltaException">The property is not set, or the type cannot become that one.</exception>
    public Task<long> WidenColumnAsync(string name, DeltaType type, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(type);
        return new ColumnChange(this).WidenAsync(name, type, cancellationToken);
    }

    /// <summary>Takes NOT NULL from a column.</summary>
    /// <param name="name">The column; <c>a.b</c> for a field of a struct.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>The version written.</returns>
    public Task<long> DropNotNullAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new ColumnChange(this).RelaxAsync(name, cancellationToken);
    }

    /// <summary>
    /// Lists table features in the protocol, so that writers may use them; readers and writers that lack one are locked out from then on.
    /// </summary>
    /// <param name="features">Their names, for example <c>deletionVectors</c>.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>The version written; the current one where the protocol had them all.</returns>
    /// <exception cref="DeltaException">This engine does not know a feature.</exception>
    public Task<long> UpgradeProtocolAsync(IReadOnlyCollection<string> features, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(features);
        return new PropertyChange(this).UpgradeAsync(features, cancellationToken);
    }
}
