namespace Records.Core

open System
open System.Globalization

/// Floats as serde_json prints them: the shortest digits that read back the same, laid out by ryu's rules.
[<RequireQualifiedAccess>]
module internal Digits =

    /// The significant digits of a shortest text, and how many of them stand before the point.
    let private split (text: string) =
        let text, exponent =
            match text.IndexOf 'E' with
            | -1 -> text, 0
            | index ->
                text.Substring(0, index),
                Int32.Parse(text.AsSpan(index + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)

        let point =
            match text.IndexOf '.' with
            | -1 -> text.Length
            | index -> index

        let digits = text.Replace(".", "")
        let leading = digits.Length - digits.TrimStart('0').Length
        let significant = digits.Trim '0'
        significant, point - leading + exponent

    // ryu's pretty printer: plain up to so many places before the point, down to so many zeros behind it.
    let private layout most zeros (text: string) =
        let negative = text.StartsWith '-'
        let digits, point = split (if negative then text.Substring 1 else text)
        let count = digits.Length

        let body =
            if count = 0 then
                "0.0"
            elif count <= point && point <= most then
                digits.PadRight(point, '0') + ".0"
            elif 0 < point && point <= most then
                digits.Insert(point, ".")
            elif -zeros < point && point <= 0 then
                "0." + String('0', -point) + digits
            else
                let exponent = (point - 1).ToString CultureInfo.InvariantCulture
                (if count = 1 then digits else digits.Insert(1, ".")) + "e" + exponent

        if negative then "-" + body else body

    // .NET 10 takes the gap below a power of two for as wide as the one above: a few of them come out one digit short
    // and read back as their neighbour. The digits that always suffice are the shortest then.

    /// A finite double.
    let ofDouble (value: double) =
        let culture = CultureInfo.InvariantCulture
        let text = value.ToString("R", culture)
        let exact = Double.Parse(text, culture) = value
        layout 16 5 (if exact then text else value.ToString("E16", culture))

    /// A finite single.
    let ofSingle (value: single) =
        let culture = CultureInfo.InvariantCulture
        let text = value.ToString("R", culture)
        let exact = Single.Parse(text, culture) = value
        layout 13 6 (if exact then text else value.ToString("E8", culture))
