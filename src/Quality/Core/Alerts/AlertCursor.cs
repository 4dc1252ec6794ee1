namespace DataPlatform.Quality.Alerts;

/// <summary>A place in the list of alerts.</summary>
/// <param name="OpenedAt">When the alert there was opened.</param>
/// <param name="Key">Its key.</param>
public readonly record struct AlertCursor(DateTimeOffset OpenedAt, string Key);
