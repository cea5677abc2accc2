namespace Records;

/// <summary>Something that can be printed the way Burn prints modules.</summary>
public interface IModule
{
    /// <summary>Adds what there is to print: the type's name and the fields.</summary>
    /// <param name="display">The page to print on.</param>
    void Describe(ModuleDisplay display);
}

/// <summary>What the generated half of a module gives. Implemented explicitly, so that a module shows none of it.</summary>
/// <typeparam name="TSelf">The module itself.</typeparam>
/// <typeparam name="TRecord">What it records.</typeparam>
public interface IModule<TSelf, TRecord> : IModule
    where TSelf : IModule<TSelf, TRecord>
    where TRecord : IRecord<TRecord>
{
    /// <summary>The module's state. No parameter is initialised by asking.</summary>
    TRecord ToRecord();

    /// <summary>A module with the record's state. Every fault goes to the context; the result counts only when there is none.</summary>
    /// <param name="record">The state to take.</param>
    /// <param name="context">Where in the record this is, what is allowed, and what was wrong so far.</param>
    TSelf Apply(TRecord record, LoadContext context);
}
