using DataPlatform.Kernel.Storage;

namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>
/// Where files go that readers may do without: checksums and the checkpoint hint. On a local disk they are not flushed to the device, since
/// a power loss costs at most their use: an empty or missing one is as good as none.
/// </summary>
internal static class AdvisoryStore
{
    public static IObjectStore Of(IObjectStore store) => store is LocalObjectStore local ? new LocalObjectStore(local.Root, durable: false)
        : store;
}
