namespace DataPlatform.Web.Pages;

/// <summary>One page of a list that is paged by key, so that nothing is skipped or said twice while the list grows.</summary>
/// <typeparam name="TItem">An entry.</typeparam>
/// <typeparam name="TKey">What the next page goes on after.</typeparam>
/// <param name="Items">The entries.</param>
/// <param name="Next">The key to go on after; null at the end.</param>
public sealed record KeysetPage<TItem, TKey>(IReadOnlyList<TItem> Items, TKey? Next);
