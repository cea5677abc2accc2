using System;
using System.Text;

namespace Records.Generator;

/// <summary>The name of a field in the file, from the name of a property.</summary>
internal static class FieldName
{
    /// <summary>
    /// An underscore goes before a capital that follows a lower-case letter, or that a lower-case letter follows; digits never split:
    /// RunningMean running_mean, FC1 fc1, Conv1D conv1d, LSTMCell lstm_cell.
    /// </summary>
    public static string Of(string property)
    {
        var text = new StringBuilder(property.Length + 4);
        for (int index = 0; index < property.Length; index++)
        {
            char letter = property[index];
            if (index > 0 && property[index - 1] != '_' && char.IsUpper(letter))
            {
                bool afterLower = char.IsLower(property[index - 1]);
                bool beforeLower = index + 1 < property.Length && char.IsLower(property[index + 1]);
                if (afterLower || beforeLower)
                    text.Append('_');
            }

            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }

    /// <summary>A name that was said. Rust's raw identifiers lose their mark, as they do in the files.</summary>
    public static string Said(string name) => name.StartsWith("r#", StringComparison.Ordinal) ? name.Substring(2) : name;
}
