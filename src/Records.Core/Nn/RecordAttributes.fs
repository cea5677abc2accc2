namespace Records.Core

open System

/// The name of a field in files, where it is not the rule's: [<RecordName "norm_1">].
[<AttributeUsage(AttributeTargets.Property ||| AttributeTargets.Field)>]
type RecordNameAttribute(name: string) =
    inherit Attribute()
    /// The name in files.
    member _.Name = name

/// A field that files do not hold at all.
[<AttributeUsage(AttributeTargets.Property ||| AttributeTargets.Field)>]
type NotRecordedAttribute() =
    inherit Attribute()

/// An F# record or union that is state of its own, not a module: its numbers, texts, tensors, lists and maps are stored with
/// their values, and loading gives what the file has.
[<AttributeUsage(AttributeTargets.Class ||| AttributeTargets.Struct)>]
type RecordedAttribute() =
    inherit Attribute()

/// Names that older files have for a field: [<RecordAlias "fc">]. Formats without names do not need them.
[<AttributeUsage(AttributeTargets.Property ||| AttributeTargets.Field)>]
type RecordAliasAttribute([<ParamArray>] names: string[]) =
    inherit Attribute()
    /// The former names.
    member _.Names = names

/// A field that older files may lack: it keeps the value of the module that is loaded into. Formats without names need a
/// version for that, since nothing in them says what is there.
[<AttributeUsage(AttributeTargets.Property ||| AttributeTargets.Field)>]
type RecordDefaultAttribute() =
    inherit Attribute()

/// A field that Burn has had since this version of it: [<BurnSince "0.21">].
[<AttributeUsage(AttributeTargets.Property ||| AttributeTargets.Field)>]
type BurnSinceAttribute(version: string) =
    inherit Attribute()
    /// The first Burn that has the field.
    member _.Version = version

/// A field that Burn had up to this version of it: [<BurnUntil "0.8">].
[<AttributeUsage(AttributeTargets.Property ||| AttributeTargets.Field)>]
type BurnUntilAttribute(version: string) =
    inherit Attribute()
    /// The last Burn that has the field.
    member _.Version = version

/// The version of a type's layout, counted from 1, which needs no attribute. For every older one there must be a way to this one,
/// marked RecordMigration.
[<AttributeUsage(AttributeTargets.Class ||| AttributeTargets.Struct)>]
type RecordVersionAttribute(version: int) =
    inherit Attribute()
    /// The version.
    member _.Version = version

/// A static member that leads from an older version: a method from the older type to this one (or to a Result of it), or a
/// property of type TreeMigration.
[<AttributeUsage(AttributeTargets.Method ||| AttributeTargets.Property)>]
type RecordMigrationAttribute() =
    inherit Attribute()

/// A step from one version of a type to the next where no older type is at hand: from tree to tree.
[<NoEquality; NoComparison>]
type TreeMigration =
    {
        /// The version that it starts from; it ends at the next.
        FromVersion: int
        /// What a record of that version looks like.
        FromSchema: BurnVersion -> Schema
        Migrate: Record -> Result<Record, RecordError>
    }
