using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Tests.Kit;

/// <summary>The record most tests write: one column of each common type.</summary>
internal sealed record Order(long Id, string? Customer, DateOnly Day, decimal Amount, DateTimeOffset At, double? Weight, bool Paid)
{
    public static RowMapping<Order> Mapping { get; } = new RowMapping<Order>()
        .Column("id", DeltaType.Long, o => o.Id)
        .Column("customer", DeltaType.String, o => o.Customer)
        .Column("day", DeltaType.Date, o => o.Day)
        .Column("amount", DeltaType.Decimal(12, 2), o => o.Amount)
        .Column("placed", DeltaType.Timestamp, o => o.At)
        .Column("weight", DeltaType.Double, o => o.Weight)
        .Column("paid", DeltaType.Boolean, o => o.Paid);

    public static Order[] Some(int count, long firstId = 0) => [.. Enumerable.Range(0, count).Select(i => Of(firstId + i))];

    public static Order Of(long id) => new(
        id, id % 7 == 0 ? null : $"customer-{id % 13}", new DateOnly(2001, 1, 1).AddDays((int)(id % 3)), id * 1.25m,
        DateTimeOffset.UnixEpoch.AddDays(11_000).AddMilliseconds(id * 997).AddMicroseconds(3), id % 5 == 0 ? null : id / 3.0, id % 2 == 0);
}
