using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using DataPlatform.Lakehouse.Scans.Variants;

namespace DataPlatform.Lakehouse.Tests.Scans.Variants;

public sealed class ShreddedVariantTests
{
    // Version 1, one byte per offset: the names "age", "name", "tags", "zip".
    private static readonly byte[] Metadata = [0x01, 4, 0, 3, 7, 11, 14, .. "agenametagszip"u8];

    [Fact]
    public void An_object_takes_in_typed_fields_and_those_left_beside_them_in_the_order_of_their_names()
    {
        // typed: name = 'Ann', age missing; beside them {zip: 7 as int8}.
        var name = Shredded(null, new StringArray.Builder().Append("Ann").Build());
        var age = Shredded(null, new Int32Array.Builder().AppendNull().Build());
        var typed = Struct([("name", name), ("age", age)], 1);
        byte[] beside = [0x02, 1, 3, 0, 2, 0x0C, 7];
        var value = Value(Group(Binary(beside), typed));
        // Object of 2 fields: ids 1 (name) and 3 (zip), offsets 0, 4, 6, then the short text "Ann" and the int8 7.
        Assert.Equal([0x02, 2, 1, 3, 0, 4, 6, (3 << 2) | 1, (byte)'A', (byte)'n', (byte)'n', 0x0C, 7], value);
    }

    [Fact]
    public void A_list_of_mixed_elements_and_an_object_without_its_field_are_rebuilt()
    {
        // tags: [true, null of the variant]; the second element has neither part.
        var flags = Shredded(null, new BooleanArray.Builder().Append(true).AppendNull().Build());
        var list = new ListArray(
            new ListType(new Field("element", flags.Data.DataType, false)), 1, new ArrowBuffer.Builder<int>().Append(0).Append(2).Build(), flags, ArrowBuffer.Empty);
        Assert.Equal([0x03, 2, 0, 1, 2, 1 << 2, 0], Value(Group(null, list)));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("a text that is longer than sixty-three bytes and therefore has its length in four bytes")]
    public void A_typed_text_is_encoded_by_its_length(string text)
    {
        var value = Value(Group(null, new StringArray.Builder().Append(text).Build()));
        byte[] expected = text.Length < 64 ? [(byte)((text.Length << 2) | 1), .. Encoding.UTF8.GetBytes(text)]
            : [16 << 2, (byte)text.Length, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)];
        Assert.Equal(expected, value);
    }

    [Fact]
    public void What_is_not_shredded_comes_back_as_it_is_and_nothing_at_all_is_the_null_of_a_variant()
    {
        var none = new Int64Array.Builder().AppendNull().Build();
        Assert.Equal([0x0C, 9], Value(Group(Binary([0x0C, 9]), none)));
        Assert.Equal([0], Value(Group(null, none)));
    }

    [Fact]
    public void Damaged_bytes_are_refused_with_the_column()
    {
        var typed = Struct([("name", Shredded(null, new StringArray.Builder().Append("x").Build()))], 1);
        var error = Assert.Throws<DeltaException>(() => Value(Group(Binary([0x02, 9, 9]), typed)));
        Assert.Contains("column 'v' is damaged", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Value(StructArray group) => new BinaryArray(ShreddedVariant.Value(group.Data, "v")).GetBytes(0).ToArray();

    private static BinaryArray Binary(byte[] bytes) => new BinaryArray.Builder().Append(bytes.AsSpan()).Build();

    private static StructArray Group(BinaryArray? value, IArrowArray typed)
        => Struct([("metadata", Binary(Metadata)), .. value is null ? [] : new[] { ("value", (IArrowArray)value) }, ("typed_value", typed)], 1);

    private static StructArray Shredded(BinaryArray? value, IArrowArray typed)
        => Struct([.. value is null ? [] : new[] { ("value", (IArrowArray)value) }, ("typed_value", typed)], typed.Length);

    private static StructArray Struct((string Name, IArrowArray Array)[] fields, int length)
        => new(new StructType([.. fields.Select(f => new Field(f.Name, f.Array.Data.DataType, true))]), length, fields.Select(f => f.Array), ArrowBuffer.Empty);
}
