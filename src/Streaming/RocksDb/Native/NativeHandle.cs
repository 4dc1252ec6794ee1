using System.Runtime.InteropServices;

namespace DataPlatform.Streaming.RocksDb.Native;

/// <summary>
/// Something that the native library holds. Released once, also when its owner is forgotten; counted, so that a leak shows.
/// </summary>
internal abstract class NativeHandle : SafeHandle
{
    private static long s_live;

    protected NativeHandle(IntPtr native)
        : base(IntPtr.Zero, ownsHandle: true)
    {
        SetHandle(native);
        Interlocked.Increment(ref s_live);
    }

    /// <summary>How many there are in the process.</summary>
    public static long Live => Interlocked.Read(ref s_live);

    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <summary>The native object; valid until the handle is disposed.</summary>
    public IntPtr Pointer => handle;

    protected abstract void Free(IntPtr native);

    protected override bool ReleaseHandle()
    {
        Free(handle);
        Interlocked.Decrement(ref s_live);
        return true;
    }
}
