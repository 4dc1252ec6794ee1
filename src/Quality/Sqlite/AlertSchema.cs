namespace DataPlatform.Quality.Sqlite;

/// <summary>What folding of what lineage connects adds: alerts by dataset.</summary>
internal static class AlertSchema
{
    public const string Text = "CREATE INDEX alert_by_dataset ON alert (dataset) WHERE dataset IS NOT NULL;";
}
