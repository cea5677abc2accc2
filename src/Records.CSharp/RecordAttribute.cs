namespace Records;

/// <summary>
/// Marks a partial record (or class) that is itself a record: a training state whose numbers and texts are stored with their values. It may
/// hold scalars of every width, strings, tensors, parameters, other records (of modules, or marked themselves), and nullables, lists, arrays,
/// tuples of these and maps of them by string or <see cref="ParamId"/>. The generated half reads and writes it; a recorder then saves it as
/// it is: <c>recorder.Record(state, path)</c>, <c>recorder.Load&lt;TrainingState&gt;(path, device)</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RecordAttribute : Attribute;
