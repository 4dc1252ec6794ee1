using DataPlatform.Streaming;

namespace DataPlatform.Quality.StreamChecks;

/// <summary>What became of one record, for counting.</summary>
[StreamRecord]
internal readonly partial record struct RowOutcome([Field(1)] long TimestampMs, [Field(2)] string? Rules);
