namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>An ask while containers of it are pending or running. Pending ones are a number, not records.</summary>
internal sealed class Ask(long id, Application application, ContainerAsk definition, RequestShape shape, long askedAtMs)
{
    public long Id { get; } = id;

    public Application Application { get; } = application;

    public ContainerAsk Definition { get; } = definition;

    public RequestShape Shape { get; set; } = shape;

    public long AskedAtMs { get; } = askedAtMs;

    public int Pending { get; set; } = definition.Count;

    public int Running { get; set; }

    public bool IsOver => Pending == 0 && Running == 0;
}
