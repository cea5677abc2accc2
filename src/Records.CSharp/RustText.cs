using System.Globalization;

namespace Records;

/// <summary>Values as Rust's Display writes them.</summary>
internal static class RustText
{
    internal static string Of(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        float number => Float(number, number.ToString(CultureInfo.InvariantCulture)),
        double number => Float(number, number.ToString(CultureInfo.InvariantCulture)),
        Half number => Of((float)number),
        IFormattable number and not Enum => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Bare(value.ToString() ?? ""),
    };

    // Rust never uses an exponent, and writes the shortest digits that read back: 1e-5 is 0.00001, 1.0 is 1.
    private static string Float(double number, string shortest)
    {
        if (double.IsNaN(number))
            return "NaN";
        if (double.IsInfinity(number))
            return number > 0 ? "inf" : "-inf";
        int mark = shortest.IndexOf('E');
        if (mark < 0)
            return shortest;
        int exponent = int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string sign = shortest[0] == '-' ? "-" : "";
        string mantissa = shortest[sign.Length..mark];
        string digits = mantissa.Replace(".", "");
        int point = 1 + exponent;
        if (point <= 0)
            return $"{sign}0.{new string('0', -point)}{digits}";
        return point >= digits.Length
            ? sign + digits.PadRight(point, '0')
            : $"{sign}{digits[..point]}.{digits[point..]}";
    }

    // A record without members prints as "Relu { }"; Rust has "Relu" for it.
    private static string Bare(string text) => text.EndsWith(" { }", StringComparison.Ordinal) ? text[..^4] : text;
}
