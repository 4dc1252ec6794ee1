namespace DataPlatform.Quality.Sqlite;

/// <summary>What lists by page and rates of channels add: the day of a verdict, the members of closed incidents, alerts by time, what a channel may still send.</summary>
internal static class DeliverySchema
{
    public const string Text = """
        ALTER TABLE verdict ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
        UPDATE verdict SET day = (SELECT started / 864000000000 FROM run WHERE id = verdict.run);
        DROP INDEX verdict_by_rule;
        CREATE INDEX verdict_by_rule ON verdict (rule, day, run);
        CREATE TABLE incident_past (
          key TEXT NOT NULL, incident TEXT NOT NULL REFERENCES incident ON DELETE CASCADE, PRIMARY KEY (key, incident)) WITHOUT ROWID;
        CREATE INDEX incident_past_by_incident ON incident_past (incident);
        INSERT OR IGNORE INTO incident_past SELECT json_extract(m.value, '$.key'), i.id FROM incident i, json_each(i.body, '$.members') m WHERE i.closed IS NOT NULL;
        CREATE INDEX incident_open ON incident (opened DESC, id) WHERE state <> 1;
        CREATE INDEX incident_closed ON incident (closed) WHERE closed IS NOT NULL;
        CREATE INDEX alert_by_time ON alert (opened DESC, key);
        CREATE INDEX alert_unresolved ON alert (opened DESC, key) WHERE state <> 3;
        CREATE TABLE channel_rate (channel TEXT PRIMARY KEY, tokens INTEGER NOT NULL, refilled INTEGER NOT NULL) WITHOUT ROWID;
        """;
}
