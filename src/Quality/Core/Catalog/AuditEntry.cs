namespace DataPlatform.Quality.Catalog;

/// <summary>What a person did.</summary>
/// <param name="Number">The store's own number, growing; 0 before it is kept.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Actor">Who.</param>
/// <param name="Action">What, for example <c>acknowledge</c>.</param>
/// <param name="Subject">To what, for example an alert's key.</param>
/// <param name="Reason">Why, in that person's words; may be empty.</param>
public sealed record AuditEntry(long Number, DateTimeOffset At, string Actor, string Action, string Subject, string Reason);
