namespace Records;

/// <summary>Marks a partial record that is itself a record: a training state whose numbers and texts are stored with their values.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RecordAttribute : Attribute;
