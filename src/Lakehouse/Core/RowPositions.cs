using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse;

/// <summary>Rows of one data file by their position in it.</summary>
/// <param name="File">A live file of the snapshot that a transaction reads.</param>
/// <param name="Positions">Positions from 0, as the file stores the rows: deleted ones count too. In any order; repeated ones count
/// once.</param>
public sealed record RowPositions(AddFile File, IReadOnlyCollection<long> Positions);
