namespace Records;

/// <summary>Which of two values of a metric is the better one.</summary>
public enum MetricDirection
{
    /// <summary>The lower: a loss.</summary>
    Lowest,

    /// <summary>The higher: an accuracy.</summary>
    Highest,
}
