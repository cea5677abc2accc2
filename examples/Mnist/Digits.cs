using System.Text;
using Records;

namespace Mnist;

/// <summary>Digits of 28 by 28 pixels with their labels: 785 bytes each, the pixels row by row and the label last.</summary>
public sealed class Digits
{
    private const int Side = 28, Pixels = Side * Side;
    private readonly byte[] bytes;

    private Digits(byte[] bytes) => this.bytes = bytes;

    public int Count => bytes.Length / (Pixels + 1);

    public static Digits Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return bytes.Length > 0 && bytes.Length % (Pixels + 1) == 0
            ? new(bytes)
            : throw new InvalidDataException($"'{path}' does not hold digits of {Pixels + 1} bytes each.");
    }

    public int Label(int index) => bytes[(index * (Pixels + 1)) + Pixels];

    /// <summary>Digits as the models were trained on them: [count, 1, 28, 28], centred and scaled.</summary>
    public Tensor Images(int start, int count)
    {
        var values = new float[count * Pixels];
        for (int index = 0; index < values.Length; index++)
        {
            byte pixel = bytes[((start + (index / Pixels)) * (Pixels + 1)) + (index % Pixels)];
            values[index] = ((pixel / 255f) - 0.1307f) / 0.3081f;
        }

        return Tensor.Of(values, count, 1, Side, Side);
    }

    /// <summary>A digit in text, two rows of pixels to a line.</summary>
    public string Picture(int index)
    {
        ReadOnlySpan<byte> pixels = bytes.AsSpan(index * (Pixels + 1), Pixels);
        var text = new StringBuilder();
        for (int row = 0; row < Side; row += 2)
        {
            for (int column = 0; column < Side; column++)
            {
                bool upper = pixels[(row * Side) + column] > 96, lower = pixels[((row + 1) * Side) + column] > 96;
                text.Append((upper, lower) switch { (true, true) => '█', (true, false) => '▀', (false, true) => '▄', _ => ' ' });
            }

            text.AppendLine();
        }

        return text.ToString();
    }
}
